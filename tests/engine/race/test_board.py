"""How the lanes of a race compare. Most races have invented numbers, so that the answer is known."""

import math
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.experiment import replay, save
from engine.figures.race import costs_figure, layers_figure, losses_figure
from engine.optimizers.layered import LocoPropM, RepeatedAdam
from engine.race import Race, RaceSpec, published
from engine.race.__main__ import parser, settings
from engine.race.board import board, verdicts
from engine.race.experiments import RACE
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.measures import AXES, QUANTITIES
from engine.race.recorded import RECORDINGS
from tests.engine.race.invented import SPEC, events, point


@pytest.fixture
def race() -> Race:
    told = events({0: [500, 200, 150, 120], 1: [500, 110, 100, 90], 2: [500, 400]}, {0: 1.0, 1: 2.5, 2: 1.0})
    ends: list[Any] = [
        {"kind": "end", "key": f"end/{seed}/2", "lane": 2, "seed": seed, "reason": "epoch 2: the loss became nan"}
        for seed in (0, 1)
    ]
    return Race.of(SPEC, [*told, *ends])


def test_lanes_that_ended_set_no_budget_and_have_no_place_beyond_their_end(race: Race) -> None:
    found = board(race)
    assert found.budget == {"epoch": 3, "seconds": 3, "gradients": 30}
    rows = found.rows.set_index("name")
    assert rows["epoch"].dropna().to_dict() == {"Adam": 120.5, "LocoProp-M": 90.5}
    assert not any("SGD" in verdict.standing for verdict in verdicts(found)), "SGD did not finish all epochs"
    assert rows["seconds"]["LocoProp-M"] == 110.5  # one epoch of LocoProp-M fits into Adam's three seconds
    assert math.isnan(rows["gradients"]["LocoProp-M"])  # its 80 gradients per epoch do not fit into Adam's 30
    assert found.leader("epoch") == "LocoProp-M" and found.leader("gradients") == "Adam"


def test_adam_repeated_is_named_by_its_updates_which_cost_as_much_as_locoprop_s() -> None:
    lanes = (RepeatedAdam(), RepeatedAdam(updates=2), LocoPropM(), RepeatedAdam(lr=0.5))
    names = Race.of(SPEC.but(lanes=lanes), []).names
    assert names == ["Adam × 8, η 0.001", "Adam × 2", "LocoProp-M", "Adam × 8, η 0.5"]
    load = published().workload()
    assert lanes[0].network_work(load) == pytest.approx(lanes[2].network_work(load), rel=0.1)


def test_a_lane_that_ended_on_one_seed_is_drawn_as_far_as_it_came_on_both() -> None:
    told = events(
        {0: [500, 200, 150, 120], 1: [500, 110, 100, 90], 2: [500, 300, 200, 100]}, dict.fromkeys(range(3), 1.0)
    )
    lost = {"point/1/2/2", "point/1/2/3"}
    end = {"kind": "end", "key": "end/1/2", "lane": 2, "seed": 1, "reason": "epoch 2: the loss became nan"}
    race = Race.of(SPEC, [*(event for event in told if event["key"] not in lost), end])
    assert race.curve(2, "epoch", "train_loss")["mean"].tolist() == [500.5, 300.5]
    assert len(race.curve(0, "epoch", "train_loss")) == 4
    assert race.diagnostics(2, "update").index.tolist() == [1] and len(race.diagnostics(0, "update")) == 3
    assert len(layers_figure(race, "update", "seconds").data) == 3
    row = board(race).rows.iloc[2]
    assert math.isnan(row["test_loss"]) and math.isnan(row["epoch"])


def test_numbers_that_are_none_are_kept_as_such(tmp_path: Path) -> None:
    """If nothing moved, the update has no direction, and its numbers are NaN."""
    told = events({0: [500, 500]}, {0: 1.0})
    for event in told:
        if event["kind"] == "point" and event["layers"]:
            event["layers"]["to_kfac"] = [math.nan] * 8
    save(tmp_path / "race.json.gz", SPEC, told)
    kept, _ = replay(RACE, tmp_path / "race.json.gz")
    assert np.isnan(kept.diagnostics(0, "to_kfac").to_numpy(float)).all()
    layers_figure(kept, "to_kfac", "epoch")


def test_time_to_a_loss_that_all_have_reached(race: Race) -> None:
    found = board(race)
    assert found.goal == 121  # Adam's last loss on the second seed
    # On both seeds, Adam reaches this loss in its last epoch, and LocoProp-M in its first.
    assert found.rows["to_goal"].tolist()[:2] == [3.0, 2.5]
    assert math.isnan(found.rows["to_goal"].iloc[2])


def test_costs_are_per_step(race: Race) -> None:
    rows = board(race).rows
    assert rows["step_ms"].tolist() == pytest.approx([100, 250, 100])
    assert rows["step_gradients"].tolist() == [1, 8, 1]
    assert rows["end"].astype(bool).tolist() == [False, False, True]


def test_a_race_that_has_only_begun_has_no_leader() -> None:
    race = Race.of(SPEC, events({0: [500]}, {0: 1.0}))
    assert verdicts(board(race)) == []
    assert race.epochs == 0 and race.progress == 0
    assert Race.of(SPEC, []).points.empty


def test_while_a_further_seed_runs_those_that_are_done_are_compared() -> None:
    told = events({0: [500, 200, 150, 120], 1: [500, 110, 100, 90], 2: [500, 400, 300, 200]}, {0: 1.0, 1: 2.5, 2: 1.5})
    done = [event for event in told if event.get("seed", 0) == 0]
    whole = board(Race.of(SPEC.but(seeds=1), done))
    running = [event for event in told if event.get("seed", 0) == 0 or event["epoch"] < 2]
    found = Race.of(SPEC, running)
    assert board(found).rows["epoch"].to_list() == whole.rows["epoch"].to_list() == [120, 90, 200]
    assert verdicts(board(found)) == verdicts(whole)
    assert found.curve(0, "epoch", "train_loss")["mean"].to_list() == [500, 200, 150, 120]
    assert found.table()["seed"].max() == 1, "The table contains all events"


def test_each_seed_that_ended_early_is_named(race: Race) -> None:
    reason = "epoch 2: the loss became nan"
    assert board(race).rows["end"].iloc[2] == f"seed 0, {reason}; seed 1, {reason}"


def test_a_lane_whose_cost_is_unknown_is_compared_by_epoch_and_by_the_clock() -> None:
    told = events({0: [500, 200, 150, 120], 1: [500, 110, 100, 90], 2: [500, 400, 300, 200]}, {0: 1.0, 1: 2.5, 2: 1.5})
    rows = board(Race.of(SPEC, [event for event in told if event["key"] != "cost/1"])).rows
    assert rows["epoch"].to_list() == [120.5, 90.5, 200.5]
    assert math.isnan(rows["gradients"].iloc[1]) and rows["gradients"].iloc[0] == 120.5


def test_a_race_without_a_point_has_its_ends_told(tmp_path: Path) -> None:
    ends: list[Any] = [
        {"kind": "end", "key": f"end/{seed}/{lane}", "lane": lane, "seed": seed, "reason": "no solution"}
        for seed in (0, 1)
        for lane in range(3)
    ]
    start = events({}, {})[:1]
    save(tmp_path / "race.json.gz", SPEC, [*start, *ends])
    kept, _ = replay(RACE, tmp_path / "race.json.gz")
    assert kept.progress == 1 and kept.table().empty and kept.epochs == 0
    assert verdicts(board(kept)) == []
    assert board(kept).rows["end"].to_list() == ["seed 0, no solution; seed 1, no solution"] * 3


def test_an_event_told_again_replaces_the_first(race: Race) -> None:
    told = events({0: [500, 300], 1: [500, 110], 2: [500, 400]}, {0: 1.0, 1: 2.5, 2: 1.5})
    again = Race.of(SPEC.but(epochs=1), [*told, point(0, 0, 1, 1.0, 250.0)])
    assert again.curve(0, "epoch", "train_loss").loc[1].to_dict() == {"x": 1, "low": 250, "mean": 275.5, "high": 301}


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_loss_figure_holds_the_race_s_numbers(race: Race, axis: str, quantity: str) -> None:
    figure = losses_figure(race, axis, quantity)
    lines = [trace for trace in figure.data if trace.meta]
    assert [line.name for line in lines] == race.names
    for number, (line, lane) in enumerate(zip(lines, SPEC.lanes, strict=True)):
        curve = race.curve(number, axis, quantity)
        assert list(line.x) == list(curve["x"]) and list(line.y) == list(curve["mean"])
        assert line.line.color == lane.display.colour
        places = [curve["x"][epoch] for epoch in curve.index]
        assert list(race.captions(number, axis)) == places and set(race.frames(number, axis)) <= set(places)
    assert figure.layout.meta["player"]["steps"] == max(line.x[-1] for line in lines)
    assert len(figure.data) == 2 * len(lines)  # with two seeds, each line has a band
    assert QUANTITIES[quantity].title in figure.layout.meta["alt"]


@pytest.mark.parametrize("part", LAYER_QUANTITIES)
def test_a_layer_figure_holds_each_layer(race: Race, part: str) -> None:
    figure = layers_figure(race, part, "seconds")
    assert list(figure.data[0].x) == list(range(1, 9))
    assert list(figure.data[1].y) == [3.0] * 8


def test_the_layers_of_each_epoch_stand_where_the_lane_s_curve_ends_it(race: Race) -> None:
    for number, trace in enumerate(layers_figure(race, "update", "seconds").data):
        curve = race.curve(number, "seconds", "train_loss")["x"]
        assert list(trace.meta["at"]) == [curve[epoch] for epoch in race.diagnostics(number, "update").index]
        np.testing.assert_array_equal(trace.meta["rows"], race.diagnostics(number, "update"))


def test_a_cost_figure_holds_the_board_s_costs(race: Race) -> None:
    figure = costs_figure(race, board(race))
    assert sorted(figure.data[0].x) == pytest.approx([100, 100, 250])
    assert sorted(figure.data[3].x) == pytest.approx([1e-4] * 3)


@pytest.mark.parametrize("key", RECORDINGS)
def test_a_recording_is_a_whole_race_that_its_command_repeats(key: str) -> None:
    race, command = RECORDINGS[key].replay()
    assert race.progress == 1
    python, _, module, *arguments = shlex.split(command)
    assert (python, module) == ("python", "engine.race")
    assert settings(parser().parse_args(arguments)) == race.spec
    assert len(race.pictures) == len(race.spec.lanes) * (race.spec.epochs + 1) - sum(
        race.spec.epochs + 1 - len(race.frames(lane, "epoch")) for lane, _ in race.ends
    )


def test_the_recorded_default_is_the_default_race_and_shows_what_it_is_for() -> None:
    race, _ = RECORDINGS["minutes"].replay()
    assert race.spec == RaceSpec()
    losses = {name: race.curve(lane, "epoch", "train_loss")["mean"].loc[1:] for lane, name in enumerate(race.names)}
    for rival in ("Adam", "RMSprop", "K-FAC", "Shampoo"):
        for name in ("LocoProp-S", "LocoProp-M"):
            assert (losses[name] < losses[rival]).all()


def test_the_recorded_benchmark_runs_along_the_published_curve_below_its_tuned_rivals() -> None:
    race, _ = RECORDINGS["tanh"].replay()
    losses = {name: race.curve(lane, "epoch", "train_loss")["mean"].loc[2:] for lane, name in enumerate(race.names)}
    reference = [122.69, 80.72, 69.61, 65.24]  # after epochs 2 to 5
    assert losses["LocoProp-M"].loc[2:5].to_list() == pytest.approx(reference, rel=0.015)
    for rival in ("Adam", "RMSprop"):
        assert (losses["LocoProp-M"] < losses[rival]).all()
        assert (losses["K-FAC"] < losses[rival]).all()
