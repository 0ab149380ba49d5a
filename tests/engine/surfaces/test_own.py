"""The surface of a visitor's own formula: its minima, and the point where descent starts."""

import math

import pytest
import torch

from engine.surfaces.critical import derivatives
from engine.surfaces.own import formula_surface


def test_a_formula_s_surface_knows_its_minima() -> None:
    surface = formula_surface("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", 5)
    assert surface.domain == ((-5, 5), (-5, 5))
    assert len(surface.minima) == 4
    assert (
        sum(min(math.dist(point, found) for found in surface.minima) for point in ((3, 2), (3.584428, -1.848127)))
        < 1e-5
    )
    assert not surface.complete
    assert surface.source_text == "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
    assert float(surface(torch.tensor([3.0, 2.0]))) == 0


@pytest.mark.parametrize("text", ["log(x)", "relu(x)*y", "sqrt(x - 1) + y^2", "x^2 + y^2", "1/relu(y - 1)"])
def test_descent_starts_where_there_is_a_slope(text: str) -> None:
    surface = formula_surface(text, 2)
    value, gradient, _ = derivatives(surface, torch.tensor(surface.start, dtype=torch.float64))
    assert torch.isfinite(value) and torch.isfinite(gradient).all()
    assert float(gradient.norm()) > 0
    assert all(abs(part) < 2 for part in surface.start)


def test_a_formula_that_is_nowhere_defined_still_has_a_surface() -> None:
    surface = formula_surface("log(-1 - x^2)", 2)
    assert surface.minima == ()
    assert surface.start == (-1.4, 1.2)


@pytest.mark.parametrize("span", [0, -1, math.inf, math.nan])
def test_a_span_must_be_a_positive_number(span: float) -> None:
    with pytest.raises(ValueError, match="positive and finite"):
        formula_surface("x", span)
