"""Descents that reuse the runs of the last descent, so that a change of one lane runs only that lane."""

from functools import lru_cache

from engine.optimizers import Lane
from engine.surfaces.descent import Descent, Run, descend
from engine.surfaces.spec import DescentSpec


class Reuse:
    """Calls ``descend`` and reuses the runs of the last descent whose settings, except the lanes, were the same.

    most: for how many settings runs are kept, the most recent ones. Safe to call from several threads at once.
    """

    def __init__(self, most: int = 32) -> None:
        @lru_cache(maxsize=most)
        def kept(*settings: object) -> list[dict[Lane, Run]]:
            return [{}]  # A list with one entry, which each descent overwrites.

        self._kept = kept

    def descend(self, spec: DescentSpec) -> Descent:
        """Equal to ``descend(spec)`` in every bit."""
        kept = self._kept(*(value for name, value in spec if name != "lanes"))
        descent = descend(spec, kept[0])
        kept[0] = {run.lane: run for run in descent.runs}
        return descent
