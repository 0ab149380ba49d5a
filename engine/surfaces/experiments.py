"""What can be computed on loss surfaces."""

from collections.abc import Hashable
from functools import lru_cache

from engine.experiment import Experiment
from engine.surfaces.descent import Descent, DescentSpec, descend
from engine.surfaces.script import recipe

OPERATION = 2e-5
"""Seconds of one tensor operation on two numbers, with its share of Python."""


def descend_again(spec: DescentSpec) -> Descent:
    """``descend``, but lanes of the last race with the same settings beside its lanes are not run again."""
    last = _last(tuple(value for name, value in spec if name != "lanes"))
    descent = descend(spec, {run.lane: run for before in last[:] for run in before.runs})
    last[:] = [descent]
    return descent


@lru_cache(maxsize=32)
def _last(_ground: Hashable) -> list[Descent]:
    """The last race with these settings beside its lanes: none or one, kept by the caller."""
    return []


DESCENT = Experiment(
    name="engine.surfaces.experiments:DESCENT",
    spec=DescentSpec,
    run=descend_again,
    seconds=lambda spec: OPERATION * spec.steps * spec.step_work(),
    recipe=recipe,
)
"""A race of optimizers down a surface."""
