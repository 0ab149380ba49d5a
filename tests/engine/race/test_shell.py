"""Races that are run from a shell, and the files that they leave."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data import DataUnavailable, Images
from engine.events import Checkpoint, Event
from engine.experiment import replay
from engine.optimizers.adaptive import Adam
from engine.optimizers.layered import LocoPropM
from engine.race import Race, RaceSpec, published, race
from engine.race.__main__ import Files, main, parser, settings
from engine.race.experiments import RACE
from engine.spec import decode, encode
from tests.engine.race.shell import SMALL, result, shell


def begun(out: Path, *arguments: str) -> Files:
    files = Files(out)
    files.begin(settings(parser().parse_args(arguments)), "", 1)
    return files


def untimed(race: Race) -> pd.DataFrame:
    return race.table().drop(columns="seconds")


def test_what_is_kept_is_what_was_told(out: Path) -> None:
    assert shell(out) == 0
    kept, command = replay(RACE, result(out))
    told = Race.of(kept.spec, [event for event in race(kept.spec) if isinstance(event, dict)])
    pd.testing.assert_frame_equal(untimed(kept), untimed(told), check_exact=True)
    pd.testing.assert_frame_equal(kept.layers, told.layers, check_exact=True)
    assert kept.costs == told.costs
    assert kept.progress == told.progress == 1
    assert kept.pictures.keys() == told.pictures.keys() == {(lane, epoch) for lane in (0, 1) for epoch in (0, 1, 2)}
    assert all(np.array_equal(kept.pictures[place], told.pictures[place]) for place in told.pictures)
    assert kept.spec.lanes[1] == LocoPropM(steps=3)
    assert command.startswith("python -m engine.race --images 200")


def test_the_table_gives_costs_in_operations_and_in_gradients(out: Path) -> None:
    assert shell(out) == 0
    table = replay(RACE, result(out))[0].table()
    adam = table[table["lane"] == "Adam"]
    assert list(adam["gradients"]) == list(adam["step"]) == [0, 5, 10]  # each step takes one gradient
    local = table[table["lane"] == "LocoProp-M"]
    assert (local["gradients"].iloc[1:] > 2 * local["step"].iloc[1:]).all()


def test_a_killed_race_goes_on_to_the_same_numbers(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell(tmp_path / "whole") == 0
    keep, checkpoints = Files.keep, []

    class Killed(BaseException):
        pass

    def until(self: Files, item: Event | Checkpoint) -> None:
        keep(self, item)
        checkpoints.extend([item] if isinstance(item, Checkpoint) else [])
        if len(checkpoints) % 2 == 0 and isinstance(item, Checkpoint):
            raise Killed

    resume = ["--resume", "--out", str(out)]
    with monkeypatch.context() as patch:
        patch.setattr(Files, "keep", until)
        for arguments in ([*SMALL, "--threads", "1", "--out", str(out)], resume):
            with pytest.raises(Killed):
                main(arguments)
            with (out.with_name("race.running") / "events.jsonl").open("a") as file:
                file.write('{"kind": "poi')  # the line that was being written when the process died
    assert not result(out).exists()
    torch.set_num_threads(2)  # the race keeps the number of threads that it began with
    assert main(resume) == 0
    assert torch.get_num_threads() == 1
    resumed, command = replay(RACE, result(out))
    whole, _ = replay(RACE, result(tmp_path / "whole"))
    pd.testing.assert_frame_equal(untimed(resumed), untimed(whole), check_exact=True)
    assert command == "python -m engine.race " + shlex.join([*SMALL, "--threads", "1", "--out", str(out)])


def test_a_race_that_was_stopped_is_not_overwritten(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, kept = Files.keep, []

    def stopped(self: Files, item: Event | Checkpoint) -> None:
        whole(self, item)
        kept.extend([item] if isinstance(item, Checkpoint) else [])
        if len(kept) == 2:  # after an epoch of the first lane
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Files, "keep", stopped)
        assert shell(out) == 130
    assert shell(out) == 1
    assert "use --resume to continue it" in capsys.readouterr().err
    monkeypatch.setattr("engine.race.__main__.resolve", lambda device: "cuda")
    assert shell(out, "--resume") == 1
    assert "began on cpu; on cuda its numbers would differ" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("began", "given", "kept"),
    [
        (SMALL, ["--epochs", "3", "--lanes", "sgd"], "with epochs = 2, lanes = adam,locopropm_t_3;"),
        (SMALL, ["--look", "0"], "with look = 1;"),
        (["--published", "relu"], ["--published", "tanh"], "with transfer = relu;"),
        (["--published", "tanh", "--epochs", "15"], ["--published", "tanh"], "with epochs = 15;"),
    ],
)
def test_a_race_does_not_go_on_with_other_settings(
    out: Path, began: list[str], given: list[str], kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = begun(out, *began)
    assert main([*given, "--resume", "--out", str(out)]) == 1
    assert kept in (told := capsys.readouterr().err)
    assert f"{files.folder} holds" in told and "--resume without other settings" in told and "another --out" in told
    assert [path.name for path in files.folder.iterdir()] == ["race.json"]  # nothing was computed


@pytest.mark.parametrize(
    ("began", "given"),
    [
        (SMALL, [*SMALL, "--threads", "2"]),
        (["--lanes", "adam"], ["--lanes", "adam_lr_0.001", "--epochs", "4"]),  # defaults that are written out
        (["--images", "6000", "--batch", "5500"], ["--batch", "5500"]),  # too large for the default images
        (["--published", "relu", "--epochs", "15", "--seed", "3"], ["--published", "relu", "--epochs", "15"]),
    ],
)
def test_a_race_goes_on_where_its_settings_are_repeated(
    out: Path, began: list[str], given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(out, *began)
    monkeypatch.setattr("engine.race.__main__.run", lambda files: None)
    assert main([*given, "--resume", "--out", str(out)]) == 0


def test_a_finished_race_is_not_overwritten(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell(out) == 0
    (kept,) = out.parent.iterdir()
    whole = kept.read_bytes()
    assert shell(out) == 1
    assert f"{kept} holds a finished race" in (told := capsys.readouterr().err) and "another --out" in told
    assert list(out.parent.iterdir()) == [kept] and kept.read_bytes() == whole
    begun(out.with_name("other"), *SMALL).folder.rename(Files(out).folder)
    assert main(["--resume", "--out", str(out)]) == 1
    assert kept.read_bytes() == whole


def test_data_that_are_gone_are_told_when_a_race_goes_on(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Files, "checkpoints", lambda self: {"images": b""})  # it began with the requested images
    begun(out, *SMALL)

    def load(name: str) -> Images:
        raise DataUnavailable("No network.")

    monkeypatch.setattr("engine.race.schedule.load_images", load)
    assert shell(out, "--resume") == 1
    assert capsys.readouterr().err == "No network.\n"


def test_a_dot_in_a_race_s_name_is_no_ending(out: Path) -> None:
    for rate in ("0.01", "0.02"):
        assert shell(out.with_name(f"lr{rate}"), "--lanes", f"adam_lr_{rate}") == 0
    kept = [replay(RACE, result(out.with_name(f"lr{rate}")))[0].spec.lanes[0] for rate in ("0.01", "0.02")]
    assert kept == [Adam(lr=0.01), Adam(lr=0.02)]


def test_a_race_that_was_never_begun_cannot_go_on(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell(out, "--resume") == 1
    assert "no race to continue" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--epochs", "many"], "epochs = 'many' was not used: expected a whole number"),
        (["--lanes", "nonsense"], "nothing in it is known here"),
        (["--batch", "5000"], "does not fit"),
        (["--device", "cuda"], "No CUDA device"),
    ],
)
def test_wrong_settings_are_told(
    out: Path, wrong: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert shell(out, *wrong) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--threads", "--tune"])
@pytest.mark.parametrize("wrong", ["-3", "0", "1.5", "many", "99999999999"])
def test_threads_and_trials_are_counted(out: Path, option: str, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        shell(out, option, wrong)
    assert ended.value.code == 2 and not out.parent.exists()
    assert f"{option}: expected a whole number from 1 to 9999, not '{wrong}'" in capsys.readouterr().err


def test_the_published_benchmark_is_the_published_one() -> None:
    for transfer in ("tanh", "relu"):
        spec = published(transfer)
        assert spec.units() == [784, 1000, 500, 250, 30, 250, 500, 1000, 784]
        size = (spec.images, spec.batch, spec.epochs)
        assert (spec.data, *size, spec.transfer) == ("mnist", 60_000, 1_000, 100, transfer)
        assert [spec.rate(epoch) for epoch in (0, 1, 4, 5)] == [0, 0.2, 0.8, 1]
        assert spec.rate(100) == 0
        falls = np.diff([spec.rate(epoch) for epoch in range(5, 101)])
        assert np.allclose(falls, -1 / 95)


@given(st.dictionaries(st.sampled_from([*RaceSpec.model_fields, "x"]), st.text(max_size=40), max_size=5))
def test_any_link_gives_a_race_within_bounds(params: dict[str, str]) -> None:
    spec, _ = decode(RaceSpec, params)
    assert decode(RaceSpec, encode(spec)) == (spec, [])
    assert spec.work() <= 2e16
