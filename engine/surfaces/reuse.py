"""Descents that reuse the runs of the last descent, so that a change of one lane runs only that lane."""

from weakref import WeakValueDictionary

from engine.surfaces.descent import Descent, descend
from engine.surfaces.spec import DescentSpec


class Reuse:
    """Calls ``descend`` and reuses the runs of the last descent whose settings, except the lanes, were the same.

    Only descents that somebody still holds are reused, so no memory is needed for them. Safe to call from several
    threads at once.
    """

    def __init__(self) -> None:
        self._last: WeakValueDictionary[tuple[object, ...], Descent] = WeakValueDictionary()

    def descend(self, spec: DescentSpec) -> Descent:
        """Equal to ``descend(spec)`` in every bit."""
        settings = tuple(value for name, value in spec if name != "lanes")
        last = self._last.get(settings)
        descent = self._last[settings] = descend(spec, {run.lane: run for run in last.runs} if last else {})
        return descent
