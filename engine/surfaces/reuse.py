"""Descents that take over the runs of the one before, so that a change of one lane runs only that lane."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from engine.surfaces.descent import Descent, descend
from engine.surfaces.spec import DescentSpec


class Reuse:
    """``descend`` with the lanes that the last descent with the same other settings has run already.

    most: how many settings are remembered, the most recent ones. Safe to call from several threads at once.
    """

    def __init__(self, most: int = 32) -> None:
        self.most = most
        self._last: OrderedDict[Hashable, Descent] = OrderedDict()
        self._lock = Lock()

    def descend(self, spec: DescentSpec) -> Descent:
        """Equal to ``descend(spec)`` in every bit."""
        settings = tuple(value for name, value in spec if name != "lanes")
        with self._lock:
            last = self._last.get(settings)
        descent = descend(spec, {run.lane: run for run in last.runs} if last else {})  # Others need not wait for this.
        with self._lock:
            self._last[settings] = descent
            self._last.move_to_end(settings)
            while len(self._last) > self.most:
                self._last.popitem(last=False)
        return descent
