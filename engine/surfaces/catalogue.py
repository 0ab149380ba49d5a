"""The catalogue of surfaces, in the order in which they are offered."""

from engine.surfaces.multimodal import MULTIMODAL
from engine.surfaces.saddles import SADDLES
from engine.surfaces.surface import Surface
from engine.surfaces.valleys import VALLEYS, quadratic

__all__ = ["SURFACES", "quadratic"]

SURFACES: dict[str, Surface] = VALLEYS | MULTIMODAL | SADDLES
"""Name -> surface. A name holds lower-case letters, digits and "-"."""
