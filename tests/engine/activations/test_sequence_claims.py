"""What decides the claims about convolutional and recurrent networks: invented results, and the recordings."""

import re
from typing import Any

import numpy as np
import pytest

from engine.activations.bands import above, band, listed, mean
from engine.activations.sequence_claims import (
    CONVOLUTIONS,
    DEEP,
    RECURRENT,
    SEQUENCE_CLAIMS,
    choice_gains_little,
    lecun_in_convolutions,
    relu_in_convolutions,
    tanh_in_recurrence,
)
from engine.activations.sequence_recorded import recorded_sequence
from engine.activations.sequence_spec import SequenceSpec
from engine.activations.sequence_trained import Learned, SequenceTrained
from engine.activations.units import CHOICES
from engine.experiment import Claim

SPREAD = np.array([-0.01, -0.005, 0.0, 0.005, 0.01])
"""What the five seeds of an invented network add to its mean accuracy."""


def network(name: str, accuracy: float, left: float = 1.0, layers: int = 3) -> Learned:
    """left: the share of the signal of the first layer that the last one has."""
    empty = np.zeros((5, 1))
    size = np.tile(np.geomspace(1, left, layers), (5, 1))
    return Learned(name, "#000000", empty, empty, accuracy + SPREAD, size, ())


def invented(spec: SequenceSpec, *accuracies: float, left: tuple[float, ...] = ()) -> SequenceTrained:
    shares = left or (1.0,) * len(accuracies)
    curves = [
        network(CHOICES[learner.activation], accuracy, share, spec.depth)
        for learner, accuracy, share in zip(spec.learners, accuracies, shares, strict=True)
    ]
    return SequenceTrained(spec, {}, np.array([spec.steps]), tuple(curves), 1.0)


def test_one_network_is_better_if_each_seed_is() -> None:
    assert above(network("a", 0.521), network("b", 0.5)) and not above(network("a", 0.519), network("b", 0.5))


def test_a_seed_that_stopped_got_nothing_right() -> None:
    curves = network("a", 0.5)
    curves.tested[0] = np.nan
    assert band(curves) == pytest.approx((0, 0.51)) and mean(curves) == pytest.approx((0.495 + 0.5 + 0.505 + 0.51) / 5)


@pytest.mark.parametrize(
    ("accuracies", "verdict", "said"),
    [
        ((0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.4), "holds", "ReLU"),
        ((0.8, 0.8, 0.8, 0.85, 0.8, 0.7, 0.4), "holds if", "GELU do"),
        ((0.8, 0.8, 0.8, 0.8, 0.8, 0.79, 0.4), "undecided", "tanh"),
        ((0.7, 0.8, 0.8, 0.8, 0.8, 0.8, 0.4), "does not hold", "tanh"),
    ],
)
def test_relu_is_the_standard_if_it_beats_the_older_ones_and_nothing_beats_it(
    accuracies: tuple[float, ...], verdict: str, said: str
) -> None:
    found, numbers = relu_in_convolutions(invented(CONVOLUTIONS, *accuracies))
    assert found == verdict and said.replace(" do", "") in numbers


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ((0.8, 0.81, 0.79, 0.82, 0.8, 0.78, 0.8), "holds"),
        ((0.8, 0.81, 0.79, 0.82, 0.8, 0.7, 0.4), "holds if"),
        ((0.8, 0.81, 0.7, 0.9, 0.9, 0.7, 0.4), "does not hold"),
    ],
)
def test_a_choice_gains_little_if_most_functions_are_within_three_points(
    accuracies: tuple[float, ...], verdict: str
) -> None:
    found, numbers = choice_gains_little(invented(CONVOLUTIONS, *accuracies))
    assert found == verdict
    if verdict != "holds":
        assert "Sigmoid" in numbers and "−40.0 points" in numbers
    if verdict == "holds if":
        assert numbers.startswith("the function is not tanh or Sigmoid.")


def test_a_gain_within_the_seeds_bands_is_told_but_does_not_count() -> None:
    found = invented(CONVOLUTIONS, 0.8, 0.75, 0.75, 0.75, 0.75, 0.75, 0.4)
    for curves in found.curves[:6]:
        curves.tested[:] += 10 * SPREAD
    verdict, numbers = choice_gains_little(found)
    assert verdict == "holds if" and numbers.startswith("the function is not Sigmoid.")
    assert "The bands of the seeds overlap with Leaky ReLU (−5.0 points), ELU" in numbers


@pytest.mark.parametrize(
    ("left", "verdict"),
    [((0.9, 3.0, 0.9, 1.0), "holds"), ((0.9, 3.0, 1e-3, 1.0), "holds if"), ((1e-3, 3.0, 1e-3, 1.0), "does not hold")],
)
def test_lecuns_rule_suits_a_function_if_it_keeps_the_signal(left: tuple[float, ...], verdict: str) -> None:
    found, numbers = lecun_in_convolutions(invented(DEEP, 0.5, 0.5, 0.4, 0.6, left=left))
    assert found == verdict
    assert "SELU then learns no better and no worse with LeCun's rule" in numbers
    assert "ReLU then learns worse with LeCun's rule" in numbers


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ((0.5, 0.4, 0.6, 0.5), "holds"),
        ((0.5, 0.4, 0.6, 0.6), "holds if"),
        ((0.5, 0.5, 0.6, 0.6), "undecided"),
        ((0.4, 0.5, 0.6, 0.6), "does not hold"),
    ],
)
def test_tanh_is_preferred_if_it_is_better_from_each_start(accuracies: tuple[float, ...], verdict: str) -> None:
    found, numbers = tanh_in_recurrence(invented(RECURRENT, *accuracies))
    assert found == verdict
    assert ("the weights between the states start as orthogonal" in numbers) == (verdict == "holds if")


def test_names_are_listed_as_people_do() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]


VERDICTS = ("holds", "undecided", "holds if", "holds if")
"""The verdicts that follow from the recordings, in the order of the claims."""


@pytest.mark.parametrize(
    ("claim", "verdict"), [(claim, verdict) for (_, claim), verdict in zip(SEQUENCE_CLAIMS, VERDICTS, strict=True)]
)
def test_a_claim_s_verdict_follows_from_five_recorded_seeds_or_more(claim: Claim[Any, Any], verdict: str) -> None:
    found = recorded_sequence(claim.spec)
    assert found is not None and found.spec.seeds >= 5
    assert all(np.isfinite(curves.tested).all() for curves in found.curves)
    decided, numbers = claim.verdict(found)
    assert decided == verdict and re.search(r"\d", numbers)
