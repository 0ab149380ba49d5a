"""A network with five faults: what each fault is, and what its repair does."""

import math

import pytest
import torch

from engine.activations.finding import repair_change
from engine.activations.repair import DEAD, TOO_LARGE, Ladder, faulty, repair
from engine.activations.training import weights
from engine.activations.training_spec import REPAIRS, RepairSpec


@pytest.fixture(scope="module")
def ladder() -> Ladder:
    return repair(RepairSpec(head=True, dead=True))


def test_networks_of_a_seed_differ_only_by_their_faults() -> None:
    wrong, right = faulty((), 2, 3, 0), faulty(REPAIRS, 2, 3, 0)
    factors = [TOO_LARGE["exploding"], TOO_LARGE["saturated"], 1.0, TOO_LARGE["vanishing"]]
    for weight, other, factor in zip(weights(wrong), weights(right), factors, strict=True):
        torch.testing.assert_close(weight, factor * other)
    torch.testing.assert_close(wrong.head.weight, TOO_LARGE["head"] * right.head.weight)
    assert (wrong.get_parameter("layers.2.linear.bias") == DEAD).all()
    assert (right.get_parameter("layers.2.linear.bias") == 0).all()


def test_the_ladder_adds_one_repair_at_a_time(ladder: Ladder) -> None:
    assert [rung.repaired for rung in ladder.rungs] == [REPAIRS[:count] for count in range(6)]
    assert ladder.own.repaired == ("head", "dead")


def test_the_whole_network_starts_near_guessing_and_learns_most(ladder: Ladder) -> None:
    first, last = ladder.rungs[0], ladder.rungs[-1]
    assert ladder.chance == pytest.approx(math.log(3))
    assert ladder.chance <= last.start < 1.2 * ladder.chance < first.start
    assert last.end == min(rung.end for rung in ladder.rungs) < 0.5 * ladder.chance < first.end
    assert last.right > 0.85


def test_the_faulty_network_s_loss_shoots_up_at_once(ladder: Ladder) -> None:
    assert ladder.rungs[0].losses.max() > 10 * ladder.chance
    assert ladder.rungs[1].losses.max() < 1.5 * ladder.chance  # the last layer alone did that


@pytest.mark.parametrize("guess", ["Lower", "About the same", "Higher", None])
def test_what_was_expected_is_compared_with_what_came(ladder: Ladder, guess: str | None) -> None:
    after = repair(RepairSpec(head=True, dead=True, exploding=True, saturated=True, vanishing=True))
    said = repair_change(ladder, after, guess)
    assert ("That is right" in said) == (guess == "Lower")
    assert ("You expected" in said) == (guess is not None)
    assert repair_change(ladder, ladder, "About the same").endswith("That is right.")


def test_a_training_that_diverges_has_no_end() -> None:
    found = repair(RepairSpec(lr=10.0, steps=30))
    assert math.isnan(found.rungs[0].end) or found.rungs[0].end > 10 * found.chance
