"""Tuning from a shell: every lane gets the same trials, and a log stores them."""

import json
import math
from pathlib import Path

import pytest

from engine.data import DataUnavailable, Images
from engine.optimizers import RACERS
from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD
from engine.race import Race, RaceSpec, race
from engine.race.tune import candidates, tune
from tests.engine.race.shell import shell


@pytest.mark.parametrize("key", RACERS)
def test_candidates_cover_the_search_space_evenly_on_its_log_scale(key: str) -> None:
    lane = RACERS[key].plain()
    drawn = candidates(lane, 12)
    assert drawn == candidates(lane, 12)
    for name, (low, high) in lane.search.items():
        places = [12 * math.log(getattr(one, name) / low) / math.log(high / low) for one in drawn]
        assert sorted(int(place + 1e-4) for place in places) == list(range(12))
    fixed = set(type(lane).model_fields) - lane.search.keys()
    assert all(getattr(one, name) == getattr(lane, name) for one in drawn for name in fixed)


def test_every_lane_gets_the_same_trials_and_the_log_keeps_them_all(
    out: Path, capsys: pytest.CaptureFixture[str], strokes: Images
) -> None:
    assert shell(out, "--tune", "3") == 0
    trials = json.loads(out.with_suffix(".trials.json").read_text())["trials"]
    assert [trial["number"] for trial in trials] == [0, 1, 2, 0, 1, 2]
    assert {trial["threads"] for trial in trials} == {1}
    best = [min(trials[first : first + 3], key=lambda trial: trial["loss"])["lane"] for first in (0, 3)]
    assert f"--lanes {','.join(best)}" in capsys.readouterr().out
    # Trials that were stopped continue after the last logged trial.
    log = out.with_suffix(".trials.json")
    log.write_text(json.dumps(json.loads(log.read_text()) | {"trials": trials[:4]}))
    assert shell(out, "--tune", "3", "--resume") == 0
    assert [row["lane"] for row in json.loads(log.read_text())["trials"]] == [trial["lane"] for trial in trials]
    assert capsys.readouterr().out.splitlines()[0].split()[0] == trials[4]["lane"]
    assert shell(out, "--tune", "4", "--resume") == 1
    assert shell(out, "--tune", "3") == 1
    assert "use --resume to continue them" in capsys.readouterr().err
    # A lane with other settings has trials of its own.
    assert shell(out, "--tune", "3", "--resume", "--lanes", "locopropm_t_2") == 0
    assert [row["number"] for row in json.loads(log.read_text())["trials"]] == [0, 1, 2, 0, 1, 2, 0, 1, 2]
    # A trial is a lane of a race: the same settings give the same loss.
    spec = RaceSpec(images=200, batch=40, width=0.02, epochs=2, lanes=(Adam(),), look=False)
    first = next(tune(spec, 3, strokes))
    items = [item for item in race(spec.but(lanes=(first.lane,))) if isinstance(item, dict)]
    assert first.loss == Race.of(spec, items).points["train_loss"].iloc[-1] == trials[0]["loss"]


def test_trials_on_other_images_are_not_mixed(
    out: Path, capsys: pytest.CaptureFixture[str], strokes: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell(out, "--tune", "1") == 0

    def load(name: str) -> Images:
        if name == "mnist":
            raise DataUnavailable("No network.")
        return strokes

    monkeypatch.setattr("engine.race.schedule.load_images", load)
    assert shell(out, "--tune", "1", "--resume") == 1
    assert "holds trials of another race" in capsys.readouterr().err


def test_a_trial_that_diverges_loses(strokes: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SGD, "search", {"lr": (500.0, 1000.0)})
    spec = RaceSpec(images=200, batch=40, width=0.02, epochs=2, warmup=0, lanes=(SGD(),), transfer="relu")
    (trial,) = tune(spec, 1, strokes)
    assert trial.loss == math.inf
    assert "the loss became" in trial.reason
