"""The catalogue of surfaces against textbook definitions, finite differences and published numbers."""

import inspect
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.surfaces import critical
from engine.surfaces.catalogue import SURFACES
from engine.surfaces.critical import critical_points, derivatives, eigenvalues, hessian
from engine.surfaces.surface import Surface
from engine.surfaces.valleys import quadratic

EVERY = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)


def textbook_ackley(x: float, y: float) -> float:
    cone = -20 * math.exp(-0.2 * math.sqrt((x**2 + y**2) / 2))
    return cone - math.exp((math.cos(2 * math.pi * x) + math.cos(2 * math.pi * y)) / 2) + 20 + math.e


def textbook_levy(x: float, y: float) -> float:
    w, v = 1 + (x - 1) / 4, 1 + (y - 1) / 4
    middle = (w - 1) ** 2 * (1 + 10 * math.sin(math.pi * w + 1) ** 2)
    return math.sin(math.pi * w) ** 2 + middle + (v - 1) ** 2 * (1 + math.sin(2 * math.pi * v) ** 2)


def textbook_plateau(x: float, y: float) -> float:
    errors = (1 / (1 + math.exp(-x * t - y)) - 1 / (1 + math.exp(-2 * t - 1)) for t in range(-2, 3))
    return sum(error**2 for error in errors) / 5


def textbook_goldstein_price(x: float, y: float) -> float:
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    return first * (30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2))


def textbook_quadratic(x: float, y: float) -> float:
    turned = complex(x, y) * complex(math.cos(math.pi / 6), -math.sin(math.pi / 6))
    return (20 * turned.real**2 + turned.imag**2) / 2


TEXTBOOK: dict[str, Callable[[float, float], float]] = {
    "quadratic": textbook_quadratic,
    "booth": lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    "matyas": lambda x, y: 0.26 * (x**2 + y**2) - 0.48 * x * y,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": lambda x, y: sum((c - x + x * y**n) ** 2 for n, c in ((1, 1.5), (2, 2.25), (3, 2.625))),
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "styblinski-tang": lambda x, y: sum(t**4 - 16 * t**2 + 5 * t for t in (x, y)) / 2,
    "camel3": lambda x, y: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
    "camel6": lambda x, y: (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (-4 + 4 * y**2) * y**2,
    "goldstein-price": textbook_goldstein_price,
    "mccormick": lambda x, y: math.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
    "rastrigin": lambda x, y: 20 + sum(t**2 - 10 * math.cos(2 * math.pi * t) for t in (x, y)),
    "ackley": textbook_ackley,
    "levy": textbook_levy,
    "saddle": lambda x, y: x**2 - y**2 + y**4 / 4,
    "monkey-saddle": lambda x, y: x**3 - 3 * x * y**2,
    "plateau": textbook_plateau,
}


def anywhere(surface: Surface, count: int, seed: int = 0) -> Tensor:
    """Random points of the domain, [count, 2]."""
    low, high = (torch.tensor(side, dtype=torch.float64) for side in zip(*surface.domain, strict=True))
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(count, 2, dtype=torch.float64, generator=generator)


def at(*point: float) -> Tensor:
    return torch.tensor(point, dtype=torch.float64)


@EVERY
def test_the_record_is_complete(surface: Surface) -> None:
    assert surface.label and surface.formula and surface.about.endswith(".")
    assert surface.source[0] and surface.source[1].startswith("https://")
    for point in (surface.start, *surface.minima):
        assert all(low <= value <= high for value, (low, high) in zip(point, surface.domain, strict=True))


def test_names_fit_into_a_link() -> None:
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in SURFACES)


@pytest.mark.parametrize("name", SURFACES)
def test_the_function_is_the_textbook_s(name: str) -> None:
    points = anywhere(SURFACES[name], 50)
    expected = torch.tensor([TEXTBOOK[name](*point) for point in points.tolist()], dtype=torch.float64)
    torch.testing.assert_close(SURFACES[name](points), expected, rtol=1e-11, atol=1e-11)


@EVERY
def test_autograd_agrees_with_central_differences(surface: Surface) -> None:
    points = anywhere(surface, 50)
    _, gradient, curvature = derivatives(surface, points)
    step = 1e-5
    for axis, shift in enumerate(step * torch.eye(2, dtype=torch.float64)):
        slope = (surface(points + shift) - surface(points - shift)) / (2 * step)
        bend = (derivatives(surface, points + shift)[1] - derivatives(surface, points - shift)[1]) / (2 * step)
        torch.testing.assert_close(gradient[:, axis], slope, rtol=1e-6, atol=1e-5)
        torch.testing.assert_close(curvature[:, axis], bend, rtol=1e-6, atol=1e-5)


@EVERY
def test_a_batch_gives_each_point_the_bits_it_has_alone(surface: Surface) -> None:
    for seed in range(3):
        points = anywhere(surface, 20, seed)
        alone = [torch.stack(rows) for rows in zip(*(derivatives(surface, point) for point in points), strict=True)]
        for count in range(1, 21):
            together = derivatives(surface, points[:count])
            assert all(torch.equal(batch, rows[:count]) for batch, rows in zip(together, alone, strict=True))


@EVERY
def test_minima_are_stationary_with_positive_definite_hessian(surface: Surface) -> None:
    for point in surface.minima:
        value, gradient, curvature = derivatives(surface, at(*point))
        if surface.label == "Ackley":  # the tip of a cone has no Hessian, but rises equally in all directions
            angles = torch.linspace(0, 2 * math.pi, 9, dtype=torch.float64)
            rise = surface(1e-6 * torch.stack((angles.cos(), angles.sin()), -1)) - value
            torch.testing.assert_close(rise, torch.full_like(rise, 4e-6 / math.sqrt(2)), rtol=1e-4, atol=0)
            continue
        small, large = eigenvalues(curvature).tolist()
        assert small > 0
        # An error of 1e-10 in the position would fail this test.
        assert float(gradient.norm()) <= 1e-10 * large


@pytest.mark.parametrize("name", [name for name, surface in SURFACES.items() if surface.minima])
def test_global_minima_come_first(name: str) -> None:
    surface = SURFACES[name]
    values = surface(torch.tensor(surface.minima, dtype=torch.float64))
    assert float(values[0]) == pytest.approx(float(values.min()), abs=1e-12)


@pytest.mark.parametrize("name", [name for name, surface in SURFACES.items() if surface.complete and surface.minima])
def test_nothing_lies_below_the_first_minimum(name: str) -> None:
    surface = SURFACES[name]
    lowest = float(surface(torch.tensor(surface.minima[0], dtype=torch.float64)))
    assert float(surface(anywhere(surface, 20_000)).min()) >= lowest


@pytest.mark.parametrize("name", [name for name, surface in SURFACES.items() if surface.complete])
def test_a_fine_search_finds_the_listed_minima_and_no_others(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(critical, "STARTS", 101)
    surface = SURFACES[name]
    found = critical_points(surface, surface.domain)
    minima = torch.from_numpy(found.points[[kind == "minimum" for kind in found.kind]])
    listed = torch.tensor(surface.minima, dtype=torch.float64).reshape(-1, 2)
    assert len(minima) == len(listed)
    assert all(float((minima - point).norm(dim=-1).min()) < 1e-9 for point in listed)


def test_ackley_has_a_gradient_of_exactly_zero_at_its_minimum() -> None:
    value, gradient, _ = derivatives(SURFACES["ackley"], at(0, 0))
    assert float(value) == 0
    assert gradient.tolist() == [0, 0]


@EVERY
def test_the_source_runs_by_itself_and_gives_the_same_bits(surface: Surface) -> None:
    f = surface.f
    plain = f.func if isinstance(f, partial) else f
    namespace: dict[str, Any] = {"torch": torch, "math": math, "Tensor": Tensor}
    exec(inspect.getsource(plain), namespace)
    settings = f.keywords if isinstance(f, partial) else {}
    points = anywhere(surface, 20)
    assert torch.equal(namespace[plain.__name__](*points.unbind(-1), **settings), surface(points))


def spectrum(name: str, *point: float) -> list[float]:
    return [float(value) for value in torch.linalg.eigvalsh(hessian(SURFACES[name], at(*point)))]


def test_curvatures_of_the_literature() -> None:
    assert spectrum("rosenbrock", 1, 1) == pytest.approx([0.3994, 1001.6], rel=1e-4)
    assert 2 / spectrum("rosenbrock", 1, 1)[1] == pytest.approx(0.0019968, rel=1e-4)
    assert spectrum("beale", 3, 0.5) == pytest.approx([0.3015, 48.98], rel=2e-4)
    assert spectrum("rastrigin", 0, 0) == pytest.approx([396.784] * 2, rel=1e-6)
    assert spectrum("booth", 1, 3) == pytest.approx([2, 18])


def test_values_of_the_literature() -> None:
    value = {name: surface(torch.tensor(surface.minima or [(0, 0)])) for name, surface in SURFACES.items()}
    assert value["styblinski-tang"].min() == pytest.approx(-78.33233, abs=1e-5)
    assert value["camel3"].tolist() == pytest.approx([0, 0.298638, 0.298638], abs=1e-6)
    assert value["camel6"].min() == pytest.approx(-1.0316, abs=1e-4)
    assert value["goldstein-price"].tolist() == pytest.approx([3, 30, 84, 840], rel=1e-4)
    assert value["mccormick"].min() == pytest.approx(-1.9133, abs=1e-4)
    assert value["saddle"].tolist() == pytest.approx([-1, -1])
    other = {"styblinski-tang", "camel3", "camel6", "goldstein-price", "mccormick", "saddle"}
    assert all(float(value[name].abs().max()) < 1e-9 for name in SURFACES.keys() - other)


@pytest.mark.parametrize(("condition", "rotation"), [(1, 0), (20, 30), (0.5, -75), (1e4, 120)])
def test_a_quadratic_has_the_curvatures_and_axes_asked_for(condition: float, rotation: float) -> None:
    curvature = hessian(quadratic(condition, rotation), at(0.3, -0.2))
    axis = at(math.cos(math.radians(rotation)), math.sin(math.radians(rotation)))
    torch.testing.assert_close(curvature @ axis, condition * axis)
    assert float(curvature.trace()) == pytest.approx(condition + 1)


@pytest.mark.parametrize(("condition", "rotation"), [(0, 0), (-1, 0), (math.inf, 0), (math.nan, 0), (2, math.nan)])
def test_a_quadratic_that_is_none_is_refused(condition: float, rotation: float) -> None:
    with pytest.raises(ValueError, match="positive and finite"):
        quadratic(condition, rotation)
