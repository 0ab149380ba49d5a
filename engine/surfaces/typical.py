"""Typical sizes of a surface: medians over points that span its picture, the picture's width, and its finest digit."""

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from engine.surfaces.critical import derivatives, spectrum
from engine.surfaces.surface import Surface


def lattice(surface: Surface) -> NDArray[np.float64]:
    """9 x 9 points that span the picture, [81, 2]."""
    x, y = (np.linspace(low, high, 9) for low, high in surface.domain)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


@lru_cache(maxsize=64)
def usual_slope(surface: Surface) -> float:
    """The median gradient norm over the picture; 0 if no gradient is finite."""
    norms = derivatives(surface, torch.from_numpy(lattice(surface)))[1].norm(dim=-1)
    return float(norms[norms.isfinite()].median()) if norms.isfinite().any() else 0.0


def usual_curvature(surface: Surface) -> float:
    """The median of the largest absolute curvature over the picture; 0 if no curvature is finite."""
    across = np.abs(spectrum(surface, lattice(surface))).max(axis=1)
    return float(np.median(across[np.isfinite(across)])) if np.isfinite(across).any() else 0.0


def width(surface: Surface) -> float:
    """The longer side of the picture."""
    return max(right - left for left, right in surface.domain)


def place(surface: Surface, point: Iterable[float]) -> str:
    """``point`` [2] as text, in four digits of which the last is at least a 100,000th of the picture's width.

    A search finds a minimum at 9e-24 whose true place is 0. Such digits say nothing about the place: it reads 0.
    """
    decimals = 4 - math.floor(math.log10(width(surface)))
    return "({:.4g}, {:.4g})".format(*(round(float(value), decimals) + 0.0 for value in point))
