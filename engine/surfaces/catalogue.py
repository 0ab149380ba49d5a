"""The catalogue of surfaces. Pages offer them in this order."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from engine.surfaces import multimodal, own, saddles, valleys
from engine.surfaces.surface import Surface


@dataclass(frozen=True)
class Family:
    """Surfaces that differ in a few settings.

    label: the name shown.
    settings: the fields of ``PlaceSpec`` that shape the surface.
    surface: takes the settings' values in this order. The same values give the same object.
    """

    label: str
    settings: tuple[str, ...]
    surface: Callable[..., Surface]


SURFACES: dict[str, Surface] = valleys.VALLEYS | multimodal.MULTIMODAL | saddles.SADDLES
"""Name -> surface. A name has lower-case letters, digits and "-". A family is listed here with its default settings."""

OWN = "own"
"""The name of the visitor's own formula among the surfaces."""

FAMILIES = {
    "quadratic": Family("Quadratic", ("condition", "rotation"), lru_cache(maxsize=64)(valleys.quadratic)),
    OWN: Family("Your own formula", ("formula", "span"), lru_cache(maxsize=64)(own.formula_surface)),
}
"""Name -> family: the surfaces that have settings."""
