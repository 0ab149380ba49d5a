"""Derivatives of formulas are exact, smooth where they should be, and the same in a batch as for one point."""

import pytest
import torch

from engine.surfaces.critical import derivatives
from tests.engine.formula.samples import POINTS, SMOOTH, on_points


@pytest.mark.parametrize("text", SMOOTH)
def test_a_batch_gives_each_point_the_bits_it_has_alone(text: str) -> None:
    surface = on_points(text)
    alone = [torch.stack(rows) for rows in zip(*(derivatives(surface, point) for point in POINTS), strict=True)]
    for count in range(1, 21):
        together = derivatives(surface, POINTS[:count])
        assert all(torch.equal(batch, rows[:count]) for batch, rows in zip(together, alone, strict=True))


@pytest.mark.parametrize("text", SMOOTH)
def test_gradient_and_hessian_agree_with_central_differences(text: str) -> None:
    surface = on_points(text)
    _, gradient, curvature = derivatives(surface, POINTS)
    step = 1e-6
    for axis, shift in enumerate(step * torch.eye(2, dtype=torch.float64)):
        slope = (surface(POINTS + shift) - surface(POINTS - shift)) / (2 * step)
        bend = (derivatives(surface, POINTS + shift)[1] - derivatives(surface, POINTS - shift)[1]) / (2 * step)
        torch.testing.assert_close(gradient[:, axis], slope, rtol=1e-5, atol=1e-7)
        torch.testing.assert_close(curvature[:, axis], bend, rtol=1e-5, atol=1e-7)


def test_softplus_and_sigmoid_are_smooth_at_zero() -> None:
    origin = torch.zeros(2, dtype=torch.float64)
    for text, slope, bend in (("softplus(x)", 0.5, 0.25), ("sigmoid(x)", 0.25, 0.0)):
        _, gradient, curvature = derivatives(on_points(text), origin)
        assert gradient.tolist() == [slope, 0]
        assert curvature.tolist() == [[bend, 0], [0, 0]]
