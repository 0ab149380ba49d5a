"""Slopes where torch would multiply 0 by infinity. The formula is finite there, and so is its slope."""

import math

import pytest
import torch

from engine.formula import parse_formula
from engine.surfaces import SURFACES
from engine.surfaces.critical import derivatives
from tests.engine.formula.samples import on_points

EDGES = [0.0, 1.0, -1.0, 0.5, -0.5, 1e-8, -1e-8, 800.0, -800.0]


def slope(text: str, x: float, y: float) -> list[float]:
    point = torch.tensor([x, y], dtype=torch.float64)
    value, gradient, curvature = derivatives(on_points(text), point)
    assert value.isfinite() and curvature.isfinite().all()
    return gradient.tolist()


@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("sqrt(x^2 + y^2)", (0, 0), [0, 0]),
        ("hypot(x, y)", (0, 0), [0, 0]),
        ("(x^2)^0.5 + y^2", (0, 1), [0, 2]),
        ("x*sqrt(x) + y", (0, 0), [0, 1]),
        ("sqrt(x)*y", (0, 2), [0, 0]),
        ("(x^2 + y^2)^0.3", (0, 0), [0, 0]),
        ("acos(1 - x^2) + y", (0, 0), [0, 1]),
        ("atan2(x, y) + x", (0, 0), [1, 0]),
        ("exp(-1/x^2) + y", (0, 0), [0, 1]),
        ("min(exp(x), 1) + 0.001*x^2 + y^2", (800, 1), [1.6, 2]),
        ("1/(1 + exp(x)) + y", (800, 0), [0, 1]),
        ("tanh(exp(x)*y) + x", (800, 1), [1, 0]),
        ("atan(1/(x*y)) + y", (0, 0), [0, 1]),
        ("1/cosh(x^2) + y", (-800, 3), [0, 1]),
        ("softplus(x) + y", (-800, 1), [0, 1]),
        ("erf(exp(x)^2) + y", (800, 1), [0, 1]),
        ("exp(-(2^x)) + y", (2000, 1), [0, 1]),
        ("tanh(x^100*y) + y", (800, 0.5), [0, 1]),
        ("x^y", (2, 3), [12, 8 * math.log(2)]),
        ("x^y", (-1, 2), [-2, 0]),
        ("x^y", (0, 1), [1, 0]),
        ("(-2)^x + y", (2, 0), [0, 1]),
        ("log(cosh(x)) + y", (709.5, 0), [1, 1]),
        ("exp(x)*exp(-x) + y", (709.5, 0), [0, 1]),
        ("x/y", (0, 1e-310), [0, 0]),
        ("sqrt(max(x, 0)) + y", (-1, 0), [0, 1]),
        ("sqrt(max(x, 0)) + y", (0, 0), [0, 1]),
        ("sqrt(max(x, 0)) + y", (4, 0), [0.25, 1]),
        ("x^0 + y", (0, 0), [0, 1]),
        ("0/y^x + log(-y)", (800, -0.5), [0, -2]),
    ],
)
def test_a_slope_is_finite_where_the_formula_is(text: str, point: tuple[float, float], expected: list[float]) -> None:
    assert slope(text, *point) == pytest.approx(expected)


def test_a_slope_inside_the_domain_is_not_touched() -> None:
    for name in ("sqrt", "log", "exp", "asin", "cbrt", "acos", "sinh"):
        (found, _) = slope(f"{name}(x) + y", 0.3, 0.0)
        step = 1e-6
        f = parse_formula(f"{name}(x) + 0*y").f
        high, low = (float(f(*torch.tensor([0.3 + h, 0.0], dtype=torch.float64))) for h in (step, -step))
        assert found == pytest.approx((high - low) / (2 * step), rel=1e-8)


def test_where_a_formula_has_no_value_the_value_says_so() -> None:
    for text, point in (
        ("log(x)", (0, 1)),
        ("sqrt(x)", (-1, 1)),
        ("1/x", (0, 1)),
        ("x^0.5", (-1, 1)),
        ("acosh(x)", (0, 1)),
    ):
        value, _, _ = derivatives(on_points(text + " + y"), torch.tensor(point, dtype=torch.float64))
        assert not math.isfinite(value)


SPELLED = {
    "rosenbrock": "(1 - x)^2 + 100*(y - x^2)^2",
    "himmelblau": "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    "beale": "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2",
    "booth": "(x + 2*y - 7)^2 + (2*x + y - 5)^2",
    "ackley": "-20*exp(-0.2*sqrt((x^2 + y^2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + e + 20",
    "rastrigin": "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)",
    "monkey-saddle": "x^3 - 3*x*y^2",
}


@pytest.mark.parametrize("name", SPELLED)
def test_a_formula_and_the_surface_that_it_spells_agree_also_at_kinks(name: str) -> None:
    """Relative to the largest entry at the point: a sum of large parts may cancel in either form."""
    ticks = torch.tensor([tick for tick in EDGES if abs(tick) <= 1], dtype=torch.float64)
    places = torch.cat((torch.cartesian_prod(ticks, ticks), torch.linspace(-2, 2, 40, dtype=torch.float64).view(-1, 2)))
    value, gradient, _ = derivatives(SURFACES[name], places)
    own, slopes, _ = derivatives(on_points(SPELLED[name]), places)
    size = value.abs().max()
    assert float((own - value).abs().max() / size) < 1e-10
    assert float((slopes - gradient).abs().max() / gradient.abs().max()) < 1e-10
