"""The sentences above the pictures have the race's numbers, and the answers of the questions come from the race."""

import re
from dataclasses import replace

import numpy as np
import pytest

from engine.nn import TRANSFERS
from engine.optimizers.gradient import SGD
from engine.race import Race, RaceSpec, finding, questions
from engine.race.board import TIE, board
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.local import induced
from engine.race.recorded import RECORDINGS
from engine.race.timeline import timeline
from tests.engine.race.invented import SPEC, events

LOSSES = {0: [500.0, 200, 150, 120], 1: [500.0, 110, 100, 90], 2: [500.0, 400, 300, 200]}
PACES = {0: 1.0, 1: 2.5, 2: 1.5}


def recording(key: str) -> Race:
    return RECORDINGS[key].replay()[0]


def numbers(text: str) -> list[str]:
    """The numbers in a text, with a minus sign as Python writes it."""
    return re.findall(r"-?\d+(?:\.\d+)?", text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


@pytest.mark.parametrize("key", RECORDINGS)
@pytest.mark.parametrize("part", LAYER_QUANTITIES)
def test_the_layers_finding_names_the_two_ends_over_all_layers(key: str, part: str) -> None:
    race = recording(key)
    last = {name: race.diagnostics(lane, part).iloc[-1] for lane, name in enumerate(race.names)}
    whole = {
        name: float(np.sqrt((row**2).sum()) if LAYER_QUANTITIES[part].norm else row.mean())
        for name, row in last.items()
    }
    low, *_, high = sorted(whole, key=whole.__getitem__)
    said = finding.layers_finding(race, part)
    for name in (low, high):
        assert name in said
        assert any(float(number) == pytest.approx(whole[name], rel=0.05) for number in numbers(said))


def test_lanes_without_a_finite_value_are_left_out_and_one_lane_alone_says_nothing() -> None:
    told = events(LOSSES, PACES)
    for event in told:
        if event["kind"] == "point" and event["layers"]:
            event["layers"]["to_kfac"] = [np.nan if event["lane"] == 2 else 0.25 * (event["lane"] + 1)] * 8
    race = Race.of(SPEC, told)
    said = finding.layers_finding(race, "to_kfac")
    assert "SGD" not in said and "LocoProp-M is closest" in said and {"0.5", "0.25"} <= set(numbers(said))
    alone = replace(race, layers=race.layers[race.layers["lane"] == 0])
    assert finding.layers_finding(alone, "to_kfac") == ""


@pytest.mark.parametrize("key", RECORDINGS)
def test_the_costs_finding_has_the_slowest_and_the_quickest_step(key: str) -> None:
    rows = board(recording(key)).rows
    slow, quick = rows["step_ms"].max(), rows["step_ms"].min()
    said = finding.costs_finding(board(recording(key)))
    names, states = rows.set_index("step_ms")["name"], rows["state"] / 1e6
    assert f"A step of {names[slow]} takes" in said and f"as long as one of {names[quick]}." in said
    values = [float(number) for number in numbers(re.sub(" × 8", "", said))]
    assert values == pytest.approx([slow, slow / quick, states.max(), states.min()], rel=0.05)


def test_costs_that_are_unknown_or_equal_are_not_compared() -> None:
    told = events(LOSSES, PACES)
    race = Race.of(SPEC, told)
    assert "remembers" not in finding.costs_finding(board(race))  # all states have ten bytes
    assert finding.costs_finding(board(Race.of(SPEC, told[:1]))) == ""


@pytest.mark.parametrize("target", [-4.0, -1.5, 0.0, 1.0, 2.5, 4.0])
def test_far_from_the_target_the_matching_losses_are_smaller_than_the_squared_loss(target: float) -> None:
    curves = {key: induced(TRANSFERS[key], target, -4, 4, 81) for key in ("relu", "leaky_relu", "tanh", "sigmoid")}
    end = -4.0 if target >= 0 else 4.0
    squared = (end - target) ** 2 / 2
    matching = [float(curve["matching"][curve["at"] == end].iloc[0]) for curve in curves.values()]
    said = finding.losses_finding(target, curves)
    assert max(matching) < squared
    values = [float(number) for number in numbers(said)]
    assert values == pytest.approx([end, squared, min(matching), max(matching)], rel=0.05)


@pytest.mark.parametrize("steps", [1, 10])
def test_the_timeline_finding_has_the_schedule_s_numbers(steps: int) -> None:
    work = timeline(SPEC.units(), SPEC.batch, steps)
    alone, together = (
        total / work.gradient for total in (work.totals["one after another"], work.totals["in parallel"])
    )
    said = finding.timeline_finding(work)
    longest = work.tasks[work.tasks["kind"] == "local"]["length"].max() / work.gradient
    assert numbers(said) == [f"{value:.3g}" for value in (together, alone, alone / together, longest)]


def test_who_leads_is_the_team_of_the_lowest_loss_and_nobody_while_the_race_runs() -> None:
    teams = list(questions.TEAMS)
    right = questions.LEADS.right
    assert teams[right(Race.of(SPEC, events(LOSSES, PACES)))].startswith("LocoProp")
    assert teams[right(Race.of(SPEC, events(LOSSES | {0: [500, 200, 150, 20]}, PACES)))].startswith("Adam or")
    assert right(Race.of(SPEC, events(LOSSES | {0: [500, 200, 150, 90.1]}, PACES))) == -1  # two teams tie
    assert right(Race.of(SPEC, events(LOSSES | {2: [500, 200, 150, 20]}, PACES))) == -1  # SGD is in no team
    assert right(Race.of(SPEC, events({lane: losses[:3] for lane, losses in LOSSES.items()}, PACES))) == -1
    assert right(Race.of(RaceSpec(lanes=(SGD(),)), [])) == -1


@pytest.mark.parametrize(("seconds", "place"), [(10, 0), (80, 2), (100, 2), (130, 2), (1000, 1)])
def test_who_is_sooner_is_decided_by_the_training_time(seconds: float, place: int) -> None:
    race = recording("tanh")
    kfac, other = (race.names.index(name) for name in ("K-FAC", "LocoProp-M"))
    spent = race.points["seconds"].where(race.points["lane"] != other, seconds * race.points["epoch"])
    spent = spent.where(race.points["lane"] != kfac, 100 * race.points["epoch"])
    assert questions.SOONER.right(replace(race, points=race.points.assign(seconds=spent))) == place


def test_the_words_on_the_recordings_are_true() -> None:
    curves = {
        key: {name: race.curve(lane, "epoch", "train_loss")["mean"] for lane, name in enumerate(race.names)}
        for key, race in ((key, recording(key)) for key in RECORDINGS)
    }
    for name in ("LocoProp-M", "LocoProp-S"):
        assert (curves["minutes"]["Adam × 8"].loc[1:] < curves["minutes"][name].loc[1:]).all()
    work = board(recording("minutes")).rows.set_index("name")["step_gradients"]
    assert work["LocoProp-M"] == pytest.approx(work["Adam × 8"], rel=0.01)
    ours, theirs = curves["tanh"]["LocoProp-M"], curves["tanh"]["K-FAC"]
    assert ours.index[-1] == 15 and ours.loc[2] < 0.85 * theirs.loc[2]  # the rate is zero in the first epoch
    assert ours.loc[15] == pytest.approx(theirs.loc[15], rel=TIE)
    spent = board(recording("tanh")).rows.set_index("name")["all_seconds"]
    assert spent["K-FAC"] / spent["LocoProp-M"] == pytest.approx(1 / 3, rel=0.05)
