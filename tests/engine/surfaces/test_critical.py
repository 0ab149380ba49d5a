"""The search for critical points against points and curvatures known in closed form."""

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.surfaces.catalogue import SURFACES
from engine.surfaces.critical import CriticalPoints, critical_points, derivatives, eigenvalues, hessian

SQUARE = ((-5.0, 5.0), (-5.0, 5.0))


def search(f: Callable[[Tensor, Tensor], Tensor], most: int = 64) -> CriticalPoints:
    return critical_points(lambda point: f(*point.unbind(-1)), SQUARE, most)


def of_kind(found: CriticalPoints, kind: str) -> list[tuple[float, ...]]:
    return sorted(tuple(p) for p, k in zip(found.points.tolist(), found.kind, strict=True) if k == kind)


def test_himmelblau_has_four_minima_four_saddles_and_one_maximum() -> None:
    found = critical_points(SURFACES["himmelblau"], SQUARE)
    assert Counter(found.kind) == {"minimum": 4, "saddle": 4, "maximum": 1}
    assert of_kind(found, "maximum") == [pytest.approx((-0.270845, -0.923039), abs=1e-6)]
    assert found.values[-1] == pytest.approx(181.6165, abs=1e-4)
    expected = [(-3.779310, -3.283186), (-2.805118, 3.131313), (3, 2), (3.584428, -1.848127)]
    assert of_kind(found, "minimum") == [pytest.approx(point, abs=2e-6) for point in expected]


def test_beale_has_a_saddle_at_0_1() -> None:
    found = critical_points(SURFACES["beale"], SURFACES["beale"].domain)
    gaps = np.hypot(*(found.points - (0, 1)).T)
    assert gaps.min() < 1e-9
    assert found.kind[gaps.argmin()] == "saddle"
    assert found.values[gaps.argmin()] == pytest.approx(14.203125)


def test_rastrigin_s_441_points_are_the_products_of_21_in_each_coordinate() -> None:
    found = critical_points(SURFACES["rastrigin"], SURFACES["rastrigin"].domain, most=1000)
    assert Counter(found.kind) == {"minimum": 121, "saddle": 220, "maximum": 100}
    assert np.abs(found.points - (0.994959, 0)).sum(-1).min() < 1e-6
    assert found.points[0] == pytest.approx((0, 0), abs=1e-9)


@pytest.mark.parametrize("name", ["himmelblau", "camel6", "goldstein-price", "mccormick", "levy", "ackley"])
def test_what_is_found_is_stationary_and_classified_by_its_hessian(name: str) -> None:
    surface = SURFACES[name]
    found = critical_points(surface, surface.domain)
    points = torch.from_numpy(found.points)
    value, gradient, curvature = derivatives(surface, points)
    spectrum = torch.linalg.eigvalsh(curvature)
    assert float((gradient.norm(dim=-1) / spectrum.abs().amax(-1)).max()) < 1e-9
    np.testing.assert_allclose(found.eigenvalues, spectrum, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(found.values, value)
    assert (np.diff(found.values) >= 0).all()
    signs = {(1, 1): "minimum", (-1, -1): "maximum", (-1, 1): "saddle"}
    assert list(found.kind) == [signs[tuple(pair)] for pair in spectrum.sign().int().tolist()]


def test_a_tilted_minimum_s_position_and_curvatures() -> None:
    found = search(lambda x, y: 3 * (x - 1.25) ** 2 + 2 * (x - 1.25) * (y + 0.5) + (y + 0.5) ** 2 - 7)
    assert found.kind == ("minimum",)
    assert found.points[0] == pytest.approx((1.25, -0.5), abs=1e-12)
    assert found.values[0] == pytest.approx(-7)
    # The Hessian is [[6, 2], [2, 2]].
    assert found.eigenvalues[0] == pytest.approx((4 - math.sqrt(8), 4 + math.sqrt(8)))


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1.0, 1e12, 1e200])
@pytest.mark.parametrize("condition", [1.0, 1e5])
def test_scale_and_conditioning_do_not_matter(scale: float, condition: float) -> None:
    found = search(lambda x, y: scale * (condition * (x - 2.3) ** 2 - (y - 0.7) ** 2))
    assert found.kind == ("saddle",)
    assert found.points[0] == pytest.approx((2.3, 0.7), abs=1e-9)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x**4 + y**4,
        lambda x, y: x**4 + y**2,
        lambda x, y: x**3 - 3 * x * y**2,
        lambda x, y: x**6 - y**6,
        lambda x, y: x**3 + y**2,
    ],
    ids=["quartic", "quartic and square", "monkey saddle", "sixth powers", "cubic and square"],
)
def test_a_point_with_a_singular_hessian_is_degenerate(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    found = search(lambda x, y: f(x - 0.4, y + 1.3))
    assert found.kind == ("degenerate",)
    assert found.points[0] == pytest.approx((0.4, -1.3), abs=1e-3)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: torch.ones_like(x),
        lambda x, y: 0 * x,
        lambda x, y: x + 2 * y,
        lambda x, y: x**2 + y,
        lambda x, y: torch.sign(x) * torch.sign(y),
        lambda x, y: torch.exp(x + y),
        lambda x, y: torch.tanh(10 * x) + torch.tanh(10 * y),
        lambda x, y: torch.log(-1 - x * x),
        lambda x, y: x * math.inf,
    ],
    ids=["one", "zero", "plane", "slanted gutter", "steps", "exponential", "sigmoids", "nowhere defined", "infinite"],
)
def test_where_there_is_no_critical_point_none_is_found(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    found = search(f)
    assert found.points.shape == (0, 2)
    assert (found.values.shape, found.eigenvalues.shape, found.kind, found.truncated) == ((0,), (0, 2), (), False)


def test_a_circle_of_minima_is_shown_by_degenerate_points_on_it() -> None:
    found = search(lambda x, y: (x * x + y * y - 4) ** 2)
    ring = np.array(of_kind(found, "degenerate"))
    assert len(ring) > 10
    assert np.hypot(*ring.T) == pytest.approx(np.full(len(ring), 2.0), abs=1e-6)
    assert of_kind(found, "maximum") == [pytest.approx((0, 0), abs=1e-9)]


def test_where_f_is_undefined_the_rest_is_still_searched() -> None:
    found = search(lambda x, y: torch.sqrt(x) - x - y * y)
    assert found.kind == ("maximum",)
    assert found.points[0] == pytest.approx((0.25, 0), abs=1e-9)


def test_more_points_than_asked_for_are_cut_at_the_highest() -> None:
    def f(x: Tensor, y: Tensor) -> Tensor:
        return torch.sin(3 * x) * torch.sin(3 * y)

    everything, few = search(f, most=1000), search(f, most=5)
    assert few.truncated and not everything.truncated
    np.testing.assert_array_equal(few.values, everything.values[:5])


def test_only_the_domain_is_searched() -> None:
    found = critical_points(SURFACES["himmelblau"], ((0.0, 5.0), (0.0, 5.0)))
    assert of_kind(found, "minimum") == [pytest.approx((3, 2))]
    assert (found.points >= 0).all()


def test_the_hessian_of_a_batch_of_any_shape() -> None:
    points = torch.randn(3, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    curvature = hessian(lambda point: point[..., 0] ** 2 * point[..., 1], points)
    x, y = points.unbind(-1)
    expected = torch.stack((torch.stack((2 * y, 2 * x), -1), torch.stack((2 * x, 0 * x), -1)), -2)
    torch.testing.assert_close(curvature, expected)


def test_the_largest_curvature_is_that_of_the_steepest_direction() -> None:
    bottom = torch.tensor([1.0, 1.0], dtype=torch.float64)
    # The Hessian is [[802, -400], [-400, 200]].
    largest = eigenvalues(hessian(SURFACES["rosenbrock"], bottom))[1]
    assert float(largest) == pytest.approx(501 + math.sqrt(301**2 + 400**2))
    assert eigenvalues(hessian(lambda point: point[..., 0].sqrt(), -bottom)).isnan().all()


def test_the_table_has_a_row_for_every_point() -> None:
    table = search(lambda x, y: 3 * (x - 1) ** 2 - 2 * (y + 2) ** 2 + 5).table()
    assert table.to_dict("records") == [
        {
            "x": pytest.approx(1),
            "y": pytest.approx(-2),
            "loss": pytest.approx(5),
            "lower_curvature": pytest.approx(-4),
            "higher_curvature": pytest.approx(6),
            "kind": "saddle",
        }
    ]
    assert len(search(lambda x, y: x + y).table()) == 0
