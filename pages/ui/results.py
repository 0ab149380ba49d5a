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
from engine.surfaces import CriticalPoints, Descent, DescentSpec, Surface, Terrain, critical_points, descend, terrain

GATE = BoundedSemaphore(2)
"""At most this many computations at a time; the others wait their turn instead of slowing each other down."""


@lru_cache(maxsize=32)
def race(spec: DescentSpec) -> Descent:
    """The race. Lanes that took part in the last race on the same ground are not run again."""
    last = _last(tuple(value for name, value in spec if name != "lanes"))
    with GATE:
        descent = descend(spec, {run.lane: run for before in last[:] for run in before.runs})
    last[:] = [descent]
    return descent


@lru_cache(maxsize=32)
def _last(_ground: tuple[object, ...]) -> list[Descent]:
    """The last race with these settings beside its lanes: none or one, kept by the caller."""
    return []


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
