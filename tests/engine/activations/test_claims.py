"""Each claim's verdict is decided by its experiment."""

import math
import re

import pytest
import torch

from engine.activations.claims import CLAIMS, Verdicts, decide
from engine.nn import ACTIVATIONS

SAID = {
    "Sigmoids are flat": "holds",
    "The gradient of tanh": "holds if",
    "The outputs of sigmoid": "holds",
    "With ReLU": "holds",
    "A large negative": "holds",
    "The derivative of a leaky": "holds if",
    "Xavier": "holds",
    "ReLU needs": "holds",
    "The defaults": "holds if",
    "With LeCun": "holds",
}
"""The beginning of a claim -> its verdict. What is dear to compute depends on the machine."""


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    return decide()


@pytest.mark.parametrize("start", SAID)
def test_a_claim_has_its_verdict(verdicts: Verdicts, start: str) -> None:
    (found,) = [
        verdict
        for (_, claim), (verdict, _) in zip(CLAIMS, verdicts.found, strict=True)
        if claim.sentence.startswith(start)
    ]
    assert found == SAID[start]


def test_tanh_has_the_smaller_slope_beyond_1_663_and_passes_more_at_every_spread() -> None:
    tanh, sigmoid = ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]
    place = torch.tensor([2 * math.acosh((1 + math.sqrt(3)) / 2)], dtype=torch.float64)
    assert tanh.slope(place).item() == pytest.approx(sigmoid.slope(place).item(), rel=1e-12)
    assert (tanh.slope(place + 0.01) < sigmoid.slope(place + 0.01)).all()
    for spread in (0.1, 1.0, 5.0, 20.0):
        assert tanh.slope_moment(spread**2) > 5 * sigmoid.slope_moment(spread**2)


def test_the_finding_counts_every_claim(verdicts: Verdicts) -> None:
    counts = [int(number) for number in re.findall(r"\d+", verdicts.finding())]
    assert counts[0] == len(CLAIMS) == sum(counts[1:])


def test_the_table_has_a_row_for_each_claim(verdicts: Verdicts) -> None:
    table = verdicts.table()
    assert list(table["claim"]) == [claim.sentence for _, claim in CLAIMS]
    assert table["numbers"].str.contains(r"\d").all()
