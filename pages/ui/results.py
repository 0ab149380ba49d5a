"""Results that several visitors, or several reruns of one page, share: computed once, kept while there is room."""

from functools import lru_cache
from threading import BoundedSemaphore

from engine.residuals import Highway
from engine.residuals import highway as split
from engine.residuals.blocks import BlockFlow
from engine.residuals.blocks import block_flow as through_blocks
from engine.residuals.shattered import Shattering
from engine.residuals.shattered import shattering as shatter
from engine.signals import Flow, StackSpec, gradient_flow
from engine.surfaces import CriticalPoints, Descent, DescentSpec, Surface, Terrain, critical_points, terrain
from engine.surfaces.experiments import DESCENT
from engine.transformer import BlockSpec

GATE = BoundedSemaphore(2)
"""At most this many computations at a time; the others wait their turn instead of slowing each other down."""


@lru_cache(maxsize=32)
def race(spec: DescentSpec) -> Descent:
    with GATE:
        return DESCENT.result(spec)


@lru_cache(maxsize=32)
def relief(surface: Surface) -> Terrain:
    with GATE:
        return terrain(surface)


@lru_cache(maxsize=32)
def landmarks(surface: Surface) -> CriticalPoints:
    with GATE:
        return critical_points(surface, surface.domain)


@lru_cache(maxsize=16)
def flow(spec: StackSpec) -> Flow:
    with GATE:
        return gradient_flow(spec)


@lru_cache(maxsize=16)
def highway(spec: StackSpec) -> Highway:
    """Raises ValueError where it is too much work."""
    with GATE:
        return split(spec)


@lru_cache(maxsize=16)
def shattering(spec: StackSpec) -> Shattering:
    """Raises ValueError where it is too much work."""
    with GATE:
        return shatter(spec)


@lru_cache(maxsize=16)
def block_flow(spec: BlockSpec) -> BlockFlow:
    with GATE:
        return through_blocks(spec)
