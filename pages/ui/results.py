"""Results that several visitors, or several reruns of one page, share: computed once, kept while there is room."""

from functools import lru_cache
from threading import BoundedSemaphore

from engine.surfaces import CriticalPoints, Descent, DescentSpec, Surface, Terrain, critical_points, descend, terrain

GATE = BoundedSemaphore(2)
"""At most this many computations at a time; the others wait their turn instead of slowing each other down."""


@lru_cache(maxsize=32)
def race(spec: DescentSpec) -> Descent:
    with GATE:
        return descend(spec)


@lru_cache(maxsize=32)
def relief(surface: Surface) -> Terrain:
    with GATE:
        return terrain(surface)


@lru_cache(maxsize=32)
def landmarks(surface: Surface) -> CriticalPoints:
    with GATE:
        return critical_points(surface, surface.domain)
