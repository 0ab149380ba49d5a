"""Descents that take over the runs of the one before, so that a change of one lane runs only that lane."""

from functools import lru_cache

from engine.optimizers import Lane
from engine.surfaces.descent import Descent, Run, descend
from engine.surfaces.spec import DescentSpec


class Reuse:
    """``descend`` with the lanes that the last descent with the same other settings has run already.

    most: how many settings are remembered, the most recent ones. Safe to call from several threads at once.
    """

    def __init__(self, most: int = 32) -> None:
        @lru_cache(maxsize=most)
        def kept(*settings: object) -> list[dict[Lane, Run]]:
            return [{}]  # In a list of one, which each descent overwrites.

        self._kept = kept

    def descend(self, spec: DescentSpec) -> Descent:
        """Equal to ``descend(spec)`` in every bit."""
        kept = self._kept(*(value for name, value in spec if name != "lanes"))
        descent = descend(spec, kept[0])
        kept[0] = {run.lane: run for run in descent.runs}
        return descent
