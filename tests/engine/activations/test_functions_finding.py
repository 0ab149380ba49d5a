"""The sentence on the functions says growth as a factor, and a loss per cent."""

import pytest

from engine.activations import FunctionSpec, Unit, compare
from engine.activations.finding import functions_finding


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ("own", "At these inputs, Your own multiplies the squared gradient by 15,417 on average."),
        ("own tanh", "by 15,417 on average, and tanh passes on only"),
        ("own squared_relu", "and Squared ReLU only by"),
        ("relu sigmoid", "ReLU passes on 50.0% of the squared gradient on average, and Sigmoid only 4.5%."),
    ],
)
def test_growth_is_said_as_a_factor_and_a_loss_per_cent(units: str, said: str) -> None:
    spread = 5 if "own" in units else 1
    chosen = tuple(Unit(activation=name) for name in units.split())
    found = compare(FunctionSpec(units=chosen, formula="z^3", mean=1 if spread > 1 else 0, spread=spread))
    moment = 9 * (1 + 6 * 25 + 3 * 625)
    assert found.responses[0].surviving == pytest.approx(moment if spread > 1 else 0.5)
    assert said.replace("15,417", f"{moment:,}") in functions_finding(found)
