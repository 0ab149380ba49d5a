"""The surface of a visitor's own formula. A search finds its minima and a start from which descent can begin."""

import math
from dataclasses import replace
from functools import lru_cache

import torch

from engine.formula import parse_formula
from engine.surfaces.critical import critical_points, derivatives
from engine.surfaces.surface import Point, Surface

read = lru_cache(maxsize=64)(parse_formula)
"""``parse_formula`` for f(x, y). The same text gives the same object."""


def formula_surface(text: str, span: float) -> Surface:
    """The surface of the formula ``text`` over (-span, span)^2. Its minima are those that ``critical_points`` finds.

    Descent starts at the upper left, or at the nearest place where f is finite and its slope is finite and not zero.
    Raises FormulaError, and ValueError if ``span`` is not positive and finite.
    """
    if not 0 < span < math.inf:
        raise ValueError(f"the span must be positive and finite; got {span}")
    formula = read(text)
    surface = Surface(
        label="Your formula",
        formula=formula.formula,
        about="Your own function. Its slopes are exact. Only minima that a search finds are known.",
        f=formula.f,
        domain=((-span, span), (-span, span)),
        start=(-0.7 * span, 0.6 * span),
        minima=(),
        source=("Your own formula", ""),
        complete=False,
        searched=True,
        source_text=formula.source,
    )
    found = critical_points(surface, surface.domain)
    lowest = found.points[[kind == "minimum" for kind in found.kind]]
    return replace(surface, start=_start(surface, span), minima=tuple((float(x), float(y)) for x, y in lowest))


def _start(surface: Surface, span: float) -> Point:
    ticks = torch.linspace(-0.9, 0.9, 19, dtype=torch.float64) * span
    places = torch.cat((torch.tensor([surface.start], dtype=torch.float64), torch.cartesian_prod(ticks, ticks)))
    value, gradient, _ = derivatives(surface, places)
    steep = gradient.abs().amax(-1)
    usable = places[torch.isfinite(value) & torch.isfinite(steep) & (steep > 0)]
    if not len(usable):
        return surface.start
    x, y = usable[(usable - places[0]).norm(dim=-1).argmin()].tolist()
    return x, y
