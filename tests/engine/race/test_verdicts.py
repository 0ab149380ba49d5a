"""The sentences on who leads a race, against the race's numbers."""

import re

import pytest

from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD
from engine.optimizers.layered import LocoPropM, LocoPropS
from engine.race import Race, RaceSpec
from engine.race.board import NAMED, TIE, Verdict, board, verdicts
from engine.race.measures import AXES
from engine.race.recorded import RECORDINGS
from tests.engine.race.invented import SPEC, events

LOSSES = {0: [500.0, 200, 150, 120], 1: [500.0, 110, 100, 90], 2: [500.0, 400, 300, 200]}
PACES = {0: 1.0, 1: 2.5, 2: 1.5}


def by_axis(race: Race) -> dict[str, Verdict]:
    return {verdict.axis: verdict for verdict in verdicts(board(race))}


def ended_at(losses: list[float], seeds: int) -> str:
    """The verdict per epoch on lanes with these last losses. A second seed adds 1 to each."""
    spec = RaceSpec(lanes=tuple(SGD(lr=0.1 + lane) for lane in range(len(losses))), epochs=1, seeds=seeds)
    told = events({lane: [500, loss] for lane, loss in enumerate(losses)}, dict.fromkeys(range(len(losses)), 1.0))
    verdict = by_axis(Race.of(spec, [event for event in told if event.get("seed", 0) < seeds]))["epoch"]
    return re.sub(r"“SGD, η (\d).1”", r"\1", f"{verdict.best}, {verdict.then}")


def test_verdicts_name_the_leader_of_each_axis_with_its_reason() -> None:
    said = by_axis(Race.of(SPEC, events(LOSSES, PACES | {2: 1.0})))
    assert (said["epoch"].best, said["epoch"].then) == ("LocoProp-M 90.50", "Adam 120.5")
    assert said["epoch"].reason == "LocoProp-M does the work of 8.0 gradients on every batch."
    assert said["seconds"].best == "LocoProp-M 110.5"  # the median lane takes three seconds
    assert "worth what they cost" in said["seconds"].reason
    assert said["gradients"].best == "Adam 120.5"
    assert said["gradients"].reason == "Adam takes 8.0 steps with the operations of one step of LocoProp-M."
    assert [verdict.amount for verdict in said.values()] == ["3 epochs", "3.0 s", "30 gradients"]


def test_a_lane_that_finished_earlier_is_named_with_the_time_it_had() -> None:
    race = Race.of(SPEC, events(LOSSES, PACES))
    found, said = board(race), by_axis(race)
    assert found.budget == {"epoch": 3, "seconds": 4.5, "gradients": 30}
    assert found.rows.set_index("name")["seconds"].to_dict() == {"Adam": 120.5, "LocoProp-M": 110.5, "SGD": 200.5}
    assert found.rows["trained"].to_list() == [3.0, 2.5, 4.5]
    assert found.rows["trained_epochs"].to_list() == [3, 1, 3]
    assert said["seconds"].standing == "Adam had already finished after 3.0 of 4.5 s."
    assert said["epoch"].standing == said["gradients"].standing == ""


def test_several_lanes_that_finished_earlier_are_named_with_the_range_of_their_times() -> None:
    lanes = (Adam(), LocoPropM(), SGD(), SGD(lr=0.5), Adam(lr=0.1))
    losses = {lane: [500.0, 100 + 10 * lane] for lane in range(5)}
    told = events(losses, {0: 0.2, 1: 9.0, 2: 1.25, 3: 2.0, 4: 7.0})
    said = by_axis(Race.of(RaceSpec(lanes=lanes, epochs=1, seeds=2), told))["seconds"]
    early = "“Adam, η 0.001” and “SGD, η 0.001”"
    assert said.standing == f"{early} had already finished after 0.2 to 1.2 of 2.0 s."


def test_nobody_has_finished_while_the_race_runs() -> None:
    told = events({lane: losses[:3] for lane, losses in LOSSES.items()}, PACES)
    assert not any(verdict.standing for verdict in verdicts(board(Race.of(SPEC, told))))


def test_with_several_seeds_lanes_tie_if_their_bands_overlap() -> None:
    assert ended_at([400, 401], seeds=2) == "0 and 1 tie at 400.5 and 401.5, "  # both bands hold 401
    assert ended_at([402, 400], seeds=2) == "1 400.5, 0 402.5"  # half a per cent apart, but the bands do not overlap
    assert ended_at([10.9, 10, 20], seeds=2) == "1 and 0 tie at 10.50 and 11.40, "


def test_with_one_seed_lanes_tie_within_a_share_of_the_lowest_loss() -> None:
    assert ended_at([100 + 99 * TIE, 100], seeds=1) == "1 and 0 tie at 100.0 and 101.0, "
    assert ended_at([100 + 101 * TIE, 100], seeds=1) == "1 100.0, 0 101.0"
    # Lanes tie with the lowest loss and not with one another: the third lane is near the second only.
    assert ended_at([100, 100.9, 101.5], seeds=1) == "0 and 1 tie at 100.0 and 100.9, "


def test_a_tie_of_many_names_the_first_and_counts_the_others() -> None:
    losses = [100 + lane / 10 for lane in range(NAMED + 1)]
    assert ended_at(losses[:-1], seeds=1) == "0, 1 and 2 tie at 100.0, 100.1 and 100.2, "
    assert ended_at(losses, seeds=1) == "0 and 3 others tie at 100.0 to 100.3, "


def test_lanes_that_have_not_moved_tie_at_one_loss() -> None:
    """That is the case while the rate of a warm-up is zero."""
    found = board(Race.of(SPEC, events({lane: [500, 500] for lane in range(3)}, PACES)))
    assert {verdict.best for verdict in verdicts(found)} == {
        "Adam, LocoProp-M and SGD tie at 500.0",
        "Adam and SGD tie at 500.0",
    }
    assert {verdict.reason for verdict in verdicts(found)} == {""} and found.leader("epoch") == ""
    assert found.rows["to_goal"].tolist() == [1.0, 2.5, 1.5]  # at the end of an epoch, not at the start


def test_the_exact_solution_heeds_no_warm_up() -> None:
    exact = LocoPropS().but(inner="exact", regularizer=1.0)
    spec = SPEC.but(lanes=(Adam(), exact, SGD()), warmup=2)
    found = verdicts(board(Race.of(spec, events(LOSSES, PACES))))
    assert found and not any("warm-up" in verdict.standing for verdict in found)


def test_who_is_compared_in_mid_warm_up_is_named() -> None:
    said = by_axis(Race.of(SPEC.but(warmup=2), events(LOSSES, PACES)))
    assert said["seconds"].standing.endswith("LocoProp-M was still in warm-up then.")  # after one epoch in 4.5 seconds
    assert "warm-up" not in said["epoch"].standing + said["gradients"].standing


def test_while_the_first_epoch_runs_the_lanes_that_finished_it_are_compared() -> None:
    """Lanes take turns, so the cheap lanes complete their first epoch before the expensive lanes do."""
    race = Race.of(SPEC, events({0: [500, 200], 1: [500], 2: [500, 400]}, PACES))
    (verdict,) = verdicts(board(race))
    assert (verdict.axis, verdict.best, verdict.reason) == ("gradients", "Adam 200.0", "")


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("key", RECORDINGS)
def test_a_recording_s_verdict_has_the_race_s_numbers(key: str, axis: str) -> None:
    race, _ = RECORDINGS[key].replay()
    curves = {name: race.curve(lane, axis, "train_loss") for lane, name in enumerate(race.names)}
    ends = sorted(curve["x"].iloc[-1] for curve in curves.values())
    budget = ends[0] if axis == "epoch" else ends[(len(ends) - 1) // 2]
    within = {name: curve["mean"][curve["x"] <= budget].iloc[-1] for name, curve in curves.items()}
    names = sorted(within, key=within.__getitem__)
    losses = [f"{within[name]:#.4g}" for name in names]
    tied = sum(loss <= within[names[0]] * (1 + TIE) for loss in within.values())
    said = by_axis(race)[axis]
    first = [f"{names[0]} {losses[0]}", f"{' and '.join(names[:2])} tie at {' and '.join(losses[:2])}"]
    first.append(f"{', '.join(names[:2])} and {names[2]} tie at {', '.join(losses[:2])} and {losses[2]}")
    assert (said.best, said.then) == (first[tied - 1], "" if tied > 1 else f"{names[1]} {losses[1]}")
    form = ",.1f" if axis == "seconds" else ",.0f"
    assert said.amount.startswith(f"{budget:{form}} ")
    early = [end for end in ends if end < budget]
    if early and early[0] != early[-1]:
        assert f"after {early[0]:{form}} to {early[-1]:{form}} of {said.amount}." in said.standing
