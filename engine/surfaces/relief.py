"""A surface on a grid, ready to draw: its heights, and heights on a log scale that shows both valleys and cliffs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.surfaces.surface import Surface

DECADES = 4
"""How many decades of height above the floor the relief shows."""


@dataclass(frozen=True)
class Terrain:
    """Heights on a grid of n x n points.

    x, y: [n] each.  z: f, [n, n], rows along y; NaN or infinite where f is.
    relief: log10(1 + (z - floor) / unit), [n, n]; NaN where z is not finite. It runs from 0 to 4.
    floor: the lowest height, known minima included.  unit: 10^-4 of the range of heights.
    ticks: positions on the relief's axis, and the heights z at these positions.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    relief: NDArray[np.float64]
    floor: float
    unit: float
    ticks: tuple[tuple[float, ...], tuple[float, ...]]

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


def terrain(surface: Surface, points: int = 121) -> Terrain:
    """``surface`` over its domain on a grid of ``points`` x ``points``. The floor may be a known minimum."""
    x, y = (np.linspace(low, high, points) for low, high in surface.domain)
    grid = torch.from_numpy(np.stack(np.meshgrid(x, y), axis=-1))
    with torch.no_grad():
        z = surface(grid).numpy()
        bottoms = surface(torch.tensor(surface.minima, dtype=torch.float64).reshape(-1, 2)).numpy()
    finite = z[np.isfinite(z)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    floor = min([low, *bottoms[np.isfinite(bottoms)].tolist()])
    unit = max(high / 10**DECADES - floor / 10**DECADES, np.finfo(float).tiny)
    shell = Terrain(x, y, z, z, floor, unit, ((), ()))
    heights = tuple(2 * (0.5 * floor + 0.5 * unit * 10**decade) for decade in range(1, DECADES + 1))
    ticks = (0.0, *(float(at) for at in shell.lift(np.array(heights)))), (floor, *heights)
    relief = shell.lift(np.where(np.isfinite(z), z, np.nan))
    return Terrain(x, y, z, relief, floor, unit, ticks)
