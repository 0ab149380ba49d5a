"""Results that several visitors, or several reruns of one page, share: computed once, kept while there is room."""

from functools import lru_cache
from threading import BoundedSemaphore

from engine.residuals import Flow, Highway, ResidualSpec, gradient_flow
from engine.residuals import highway as split
from engine.residuals.shattered import Shattering
from engine.residuals.shattered import shattering as shatter
from engine.residuals.spec import BlockSpec
from engine.residuals.transformer import BlockFlow
from engine.residuals.transformer import block_flow as through_blocks
from engine.surfaces import CriticalPoints, Descent, DescentSpec, Surface, Terrain, critical_points, terrain
from engine.surfaces.experiments import DESCENT

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
def flow(spec: ResidualSpec) -> Flow:
    with GATE:
        return gradient_flow(spec)


@lru_cache(maxsize=16)
def highway(spec: ResidualSpec) -> Highway:
    """Raises ValueError where it is too much work."""
    with GATE:
        return split(spec)


@lru_cache(maxsize=16)
def shattering(spec: ResidualSpec) -> Shattering:
    """Raises ValueError where it is too much work."""
    with GATE:
        return shatter(spec)


@lru_cache(maxsize=16)
def block_flow(spec: BlockSpec) -> BlockFlow:
    with GATE:
        return through_blocks(spec)
