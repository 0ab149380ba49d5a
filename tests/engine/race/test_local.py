"""The loss that each transfer function induces."""

import numpy as np
import pandas as pd
import pytest
import torch

from engine.nn import TRANSFERS
from engine.race.local import induced

torch.set_num_threads(1)

SINGLE = sorted(TRANSFERS.keys() - {"softmax"})


def losses(name: str, target: float = 1.5) -> pd.DataFrame:
    return induced(TRANSFERS[name], target, -4, 4, 401)


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("target", [-2.0, 1.5])
def test_the_matching_loss_is_the_area_between_the_transfer_function_and_its_value_at_the_target(
    name: str, target: float
) -> None:
    found = losses(name, target)
    assert (found["at"].iloc[0], found["at"].iloc[-1], len(found)) == (-4, 4, 401)

    def f(a: float) -> float:
        return TRANSFERS[name].f(torch.tensor([a], dtype=torch.float64)).item()

    for at, loss, slope in zip(found["at"][::40], found.matching[::40], found.slope[::40], strict=True):
        grid = np.linspace(target, at, 4001)
        heights = np.array([f(a) for a in grid]) - f(target)
        assert loss == pytest.approx(np.trapezoid(heights, grid), abs=1e-5)
        assert slope == pytest.approx(f(at) - f(target), abs=1e-12)


def test_the_squared_loss_is_half_the_squared_distance() -> None:
    found = losses("tanh")
    np.testing.assert_allclose(found.squared, (found["at"] - 1.5) ** 2 / 2)
    np.testing.assert_allclose(found.squared_slope, found["at"] - 1.5)


def test_the_identity_s_matching_loss_is_the_squared_loss() -> None:
    found = losses("identity")
    np.testing.assert_allclose(found.matching, found.squared, atol=1e-12)
    np.testing.assert_array_equal(found.slope, found.squared_slope)


def test_the_relu_s_loss_is_zero_while_output_and_target_are() -> None:
    found = losses("relu", target=-2.0)
    negative = found["at"] <= 0
    assert (found.matching[negative] == 0).all() and (found.slope[negative] == 0).all()
    assert (found.matching[~negative] > 0).all()


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_a_saturating_function_s_slope_stays_bounded(name: str) -> None:
    found = losses(name)
    assert np.abs(found.slope).max() < 2 < np.abs(found.squared_slope).max()
