"""A surface on a grid, ready to draw: its heights, and heights on a log scale that shows both valleys and cliffs."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.surfaces.surface import Surface

WIDEST, TALLEST = 2.4, 1.4
"""The widest and the tallest picture: width by height, and height by width."""

OUTER = 40
"""How many points outside the domain stand for one length of its side."""

DECADES = 4
"""How many decades of height above the floor the relief shows."""


@dataclass(frozen=True)
class Terrain:
    """Heights on a grid of m x n points.

    x, y: [n] and [m].  z: f, [m, n], rows along y; NaN or infinite where f is.
    relief: log10(1 + (z - floor) / unit), [m, n]; NaN where z is not finite. It runs from 0 to 4 over the domain.
    floor: the lowest height, known minima included.  unit: 10^-4 of the range of heights.
    ticks: positions on the relief's axis, and the heights z at these positions.
    around: the same surface with its surroundings, on the same scale. Its grid is coarser outside the domain. A map
        whose axes have equal scales shows more than the domain, in one direction.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    relief: NDArray[np.float64]
    floor: float
    unit: float
    ticks: tuple[tuple[float, ...], tuple[float, ...]]
    around: "Terrain | None" = None

    def lift(self, heights: NDArray[np.float64], clearance: float = 0.0) -> NDArray[np.float64]:
        """``heights`` on the relief's scale; NaN below the floor, where the scale ends.

        clearance: added on the relief's scale, so that lines on the surface are drawn above it.
        """
        depth = 0.5 * np.asarray(heights) - 0.5 * self.floor  # Subtract halves, so that the difference cannot overflow.
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return np.where(depth >= 0, np.log10(1 + depth / (0.5 * self.unit)) + clearance, np.nan)

    @property
    def undefined(self) -> NDArray[np.bool_]:
        """Where z is not a finite number, [n, n]."""
        return ~np.isfinite(self.z)

    @property
    def missing(self) -> float:
        """The share of the grid where z is not a finite number."""
        return float(self.undefined.mean())

    def table(self) -> pd.DataFrame:
        """One row per point of the grid: x, y, loss and relief."""
        x, y = np.meshgrid(self.x, self.y)
        columns = {"x": x, "y": y, "loss": self.z, "relief": self.relief}
        return pd.DataFrame({name: values.ravel() for name, values in columns.items()})


def terrain(surface: Surface, points: int = 101) -> Terrain:
    """``surface`` over its domain on a grid of ``points`` x ``points``. The floor may be a known minimum."""
    x, y = (np.linspace(low, high, points) for low, high in surface.domain)
    z = _heights(surface, x, y)
    with torch.no_grad():
        bottoms = surface(torch.tensor(surface.minima, dtype=torch.float64).reshape(-1, 2)).numpy()
    finite = z[np.isfinite(z)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    floor = min([low, *bottoms[np.isfinite(bottoms)].tolist()])
    unit = max(high / 10**DECADES - floor / 10**DECADES, np.finfo(float).tiny)
    shell = Terrain(x, y, z, z, floor, unit, ((), ()))
    heights = tuple(2 * (0.5 * floor + 0.5 * unit * 10**decade) for decade in range(1, DECADES + 1))
    ticks = (0.0, *(float(at) for at in shell.lift(np.array(heights)))), (floor, *heights)
    whole = Terrain(x, y, z, _relief(shell, z), floor, unit, ticks)
    wide, tall = (right - left for left, right in surface.domain)
    far_x, far_y = _beyond(x, WIDEST * tall), _beyond(y, TALLEST * wide)
    outer = _heights(surface, far_x, far_y)
    return replace(whole, around=replace(whole, x=far_x, y=far_y, z=outer, relief=_relief(shell, outer)))


def _heights(surface: Surface, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    with torch.no_grad():
        return np.asarray(surface(torch.from_numpy(np.stack(np.meshgrid(x, y), axis=-1))).numpy())


def height(surface: Surface, x: float, y: float) -> NDArray[np.float64]:
    """f at one point, [1]."""
    return _heights(surface, np.array([x]), np.array([y])).ravel()


def _relief(scale: Terrain, z: NDArray[np.float64]) -> NDArray[np.float64]:
    return scale.lift(np.where(np.isfinite(z), z, np.nan))


def _beyond(side: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """``side`` with more points before and after it, so that it is at least ``length`` long."""
    more = (length - (side[-1] - side[0])) / 2
    if more <= 0:
        return side
    steps = more * np.linspace(0, 1, max(2, round(OUTER * more / (side[-1] - side[0]))) + 1)[1:]
    return np.concatenate([side[0] - steps[::-1], side, side[-1] + steps])
