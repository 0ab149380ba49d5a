"""A sensible learning rate for an optimizer on a surface, before any tuning."""

import math

import numpy as np

from engine.fields import six_digits
from engine.optimizers import Lane
from engine.surfaces.critical import spectrum
from engine.surfaces.surface import Point, Surface
from engine.surfaces.typical import usual_curvature


def suggested_rate(lane: type[Lane], surface: Surface, start: Point) -> float:
    """A starting rate with two significant digits. ``lane.reach`` names the quantity that sets the scale of the rate:

    curvature: a quarter of the stability limit, or of 2 / curvature if no limit is known. The curvature is the largest
        absolute value at the start, at the known minima, and in the median over the picture.
    length: a hundredth of the picture's diagonal.
    both: four times the "curvature" rate or the "length" rate, whichever is smaller. RAdam needs both: its first five
        steps are those of plain momentum, and five steps are too few to build up speed.
    model: 1. It is 0.03 if the surface curves down at the start and not all its minima are listed, because the extremum
        of a quadratic model may then lie anywhere.
    unit: 1.
    """
    (left, right), (low, high) = surface.domain
    length = math.hypot(right - left, high - low) / 100
    curvatures = spectrum(surface, np.array([start, *surface.minima]))
    steepest = max(np.abs(curvatures[np.isfinite(curvatures)]).max(initial=1e-3), usual_curvature(surface))
    steady = (lane.plain().stable_below() or 2.0) / (4 * steepest)
    rates = {
        "curvature": steady,
        "length": length,
        "both": min(4 * steady, length),
        "model": 1.0 if surface.complete or curvatures[0, 0] > 0 else 0.03,
        "unit": 1.0,
    }
    return min(max(float(f"{rates[lane.reach]:.2g}"), 1e-9), 100.0)


def fitted(lanes: tuple[Lane, ...], surface: Surface, start: Point) -> tuple[Lane, ...]:
    """``lanes``, each with its suggested rate and all else unchanged."""
    return tuple(
        lane.model_copy(update={"lr": six_digits(suggested_rate(type(lane), surface, start))}) for lane in lanes
    )
