"""A sensible learning rate for an optimizer on a surface, before anyone has tuned it."""

import math

import numpy as np

from engine.optimizers import Lane
from engine.spec import six_digits
from engine.surfaces.outcome import spectrum
from engine.surfaces.surface import Point, Surface


def suggested_rate(lane: type[Lane], surface: Surface, start: Point) -> float:
    """A starting rate, at two significant digits.

    Methods whose stability depends on the curvature get a quarter of their limit (half of 1 / curvature where no law
    is known) for the largest curvature among the start and the known minima. Methods whose step has about the rate's
    length get a hundredth of the picture's diagonal. The others get 1.
    """
    if lane.reach == "unit":
        return 1.0
    if lane.reach == "length":
        (left, right), (low, high) = surface.domain
        return two_digits(math.hypot(right - left, high - low) / 100)
    steepest = float(np.nanmax(np.append(spectrum(surface, np.array([start, *surface.minima]))[:, 1], 1e-3)))
    return two_digits((lane.plain().stable_below() or 2.0) / (4 * steepest))


def fitted(lanes: tuple[Lane, ...], surface: Surface, start: Point) -> tuple[Lane, ...]:
    """``lanes`` with the suggested rate each, all else unchanged."""
    return tuple(
        lane.model_copy(update={"lr": six_digits(suggested_rate(type(lane), surface, start))}) for lane in lanes
    )


def two_digits(value: float) -> float:
    return min(max(float(f"{value:.2g}"), 1e-9), 100.0)
