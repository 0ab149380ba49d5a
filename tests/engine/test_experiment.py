"""An experiment has exactly one way to compute. A recording gives back the whole run that it was made from."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, ValidationError

from engine.events import Checkpoint, Event
from engine.experiment import Experiment, Recipe, replay, save, write_whole
from engine.spec import Spec


class CountSpec(Spec):
    last: int = Field(3, ge=1, le=9)


def work(spec: CountSpec, checkpoints: Mapping[str, bytes]) -> Iterator[Event | Checkpoint]:
    for number in range(1, spec.last + 1):
        yield {"kind": "number", "key": f"number {number}", "number": number}
        yield Checkpoint("count", str(number).encode())


def fold(spec: CountSpec, events: Any) -> list[int]:
    return [event["number"] for event in events]


def experiment(**ways: Any) -> Experiment[CountSpec, list[int]]:
    return Experiment(
        name="here:COUNT", spec=CountSpec, seconds=lambda spec: 0.0, recipe=lambda spec: Recipe((), (), ""), **ways
    )


def run(spec: CountSpec) -> list[int]:
    return list(range(1, spec.last + 1))


@pytest.mark.parametrize(
    "ways",
    [{}, {"work": work}, {"fold": fold}, {"run": run, "work": work}, {"run": run, "fold": fold},
     {"run": run, "work": work, "fold": fold}],
)  # fmt: skip
def test_an_experiment_runs_or_has_work_that_is_folded(ways: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="here:COUNT needs either run, or work and fold"):
        experiment(**ways)


@pytest.mark.parametrize("ways", [{"run": run}, {"work": work, "fold": fold}])
def test_both_ways_give_the_result_of_the_settings(ways: dict[str, Any]) -> None:
    assert experiment(**ways).result(CountSpec(last=4)) == [1, 2, 3, 4]


def test_of_events_with_the_same_key_the_last_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "new" / "count.json.gz"
    events: list[Event] = [
        {"key": "a", "number": 1},
        {"number": 9},
        {"key": "b", "number": 2},
        {"key": "a", "number": 3},
    ]
    save(path, CountSpec(last=2), events, "count --last 2")
    assert [each.name for each in path.parent.iterdir()] == ["count.json.gz"]
    assert replay(experiment(work=work, fold=fold), path) == ([3, 2], "count --last 2")


def test_the_same_run_gives_the_same_bytes_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, now in (("a", 1e9), ("b", 2e9)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        save(tmp_path / name, CountSpec(), [{"key": "a", "number": 1}])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_recording_holds_its_settings_in_full(tmp_path: Path) -> None:
    save(tmp_path / "a", CountSpec(), [])
    assert json.loads(gzip.decompress((tmp_path / "a").read_bytes()))["spec"] == {"last": 3}


def test_a_recording_of_other_settings_is_refused(tmp_path: Path) -> None:
    class Wide(Spec):
        last: int = 99

    save(tmp_path / "b", Wide(), [])
    with pytest.raises(ValidationError, match="less than or equal to 9"):
        replay(experiment(work=work, fold=fold), tmp_path / "b")
    (tmp_path / "c").write_bytes(gzip.compress(b"{"))
    with pytest.raises(ValueError, match="Expecting"):
        replay(experiment(work=work, fold=fold), tmp_path / "c")


def test_a_file_whose_writing_was_cut_off_keeps_its_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept"
    write_whole(path, b"old")
    with monkeypatch.context() as death:
        death.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old"
