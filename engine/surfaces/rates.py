"""A sensible learning rate for an optimizer on a surface, before any tuning."""

import math

import numpy as np

from engine.fields import six_digits
from engine.optimizers import Lane
from engine.surfaces.outcome import lattice, spectrum
from engine.surfaces.surface import Point, Surface


def suggested_rate(lane: type[Lane], surface: Surface, start: Point) -> float:
    """A starting rate, at two significant digits. ``Lane.reach`` says what the lane's rate must be proportional to.

    curvature: a quarter of the stability limit (of 2 / curvature where none is known) at the largest curvature, of
        either sign, among the start, the known minima and the median of the picture.
    length: a hundredth of the picture's diagonal.
    both: the smaller of four times the first and once the second. RAdam needs both: its first five steps are plain
        momentum's, and too few to build up speed.
    model: 1; but 0.03 where the surface curves down at the start and not all its minima are listed. The extremum of a
        quadratic model may then lie anywhere.
    unit: 1.
    """
    (left, right), (low, high) = surface.domain
    length = math.hypot(right - left, high - low) / 100
    curvatures = spectrum(surface, np.array([start, *surface.minima]))
    across = np.abs(spectrum(surface, lattice(surface))).max(axis=1)
    median = np.median(across[np.isfinite(across)]) if np.isfinite(across).any() else 0.0
    steepest = max(np.abs(curvatures[np.isfinite(curvatures)]).max(initial=1e-3), median)
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
