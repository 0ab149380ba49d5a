"""The computation of results for pages. They are shared between visitors and dropped when they need too much memory.

An experiment's own estimate chooses the tier. *Instant* results are computed at once, in the script
that asks. *Quick* results are computed at most one per core at a time, so that they do not slow each other down. *Long*
work is a job.
"""

import os
from collections import OrderedDict
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import fields, is_dataclass
from threading import BoundedSemaphore, Lock
from typing import Any, Literal

from engine.experiment import Experiment, R, S

INSTANT = 0.05
"""Seconds below which a result is computed without waiting for a turn."""

ROOM = 200_000_000
"""Bytes of results that are kept. Above it, the results used longest ago are dropped."""

Tier = Literal["instant", "quick", "long"]


def tier(experiment: Experiment[S, R], spec: S) -> Tier:
    """The way in which ``experiment`` with ``spec`` is computed."""
    if experiment.work is not None:
        return "long"
    return "instant" if experiment.seconds(spec) < INSTANT else "quick"


class Results:
    """Results by experiment and spec. Safe to use from any thread.

    room: how many bytes of results are kept. at_once: how many quick computations run at a time.
    """

    def __init__(self, room: int = ROOM, at_once: int = os.cpu_count() or 1) -> None:
        self._room, self._turns = room, BoundedSemaphore(at_once)
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, Any], tuple[Any, int]] = OrderedDict()
        self._underway: dict[tuple[str, Any], Future[Any]] = {}

    def get(self, experiment: Experiment[S, R], spec: S) -> R:
        """The result, from memory or computed now. Threads that ask for the same result share one computation.

        Raises what the experiment raises.
        """
        key = (experiment.name, spec)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: R = self._kept[key][0]
                return kept
            underway = self._underway.get(key)
            if underway is None:
                self._underway[key] = own = Future[Any]()
        if underway is not None:
            shared: R = underway.result()
            return shared
        try:
            with self._turns if tier(experiment, spec) == "quick" else nullcontext():
                result = experiment.result(spec)
        except BaseException as error:
            with self._lock:
                del self._underway[key]
            own.set_exception(error)
            raise
        with self._lock:
            self._keep(key, result)
            del self._underway[key]
        own.set_result(result)
        return result

    def _keep(self, key: tuple[str, Any], result: Any) -> None:
        self._kept[key] = (result, bytes_of(result))
        held = sum(size for _, size in self._kept.values())
        while held > self._room and len(self._kept) > 1:
            _, (_, size) = self._kept.popitem(last=False)
            held -= size


def bytes_of(thing: Any) -> int:
    """The size of a result in bytes: that of its arrays, tensors and frames, and 64 bytes for each other value."""
    if hasattr(thing, "nbytes"):
        return int(thing.nbytes)
    if hasattr(thing, "memory_usage"):
        return int(thing.memory_usage(deep=True).sum())
    if is_dataclass(thing):
        return sum(bytes_of(getattr(thing, field.name)) for field in fields(thing))
    if isinstance(thing, dict):
        return sum(bytes_of(value) for value in thing.values())
    if isinstance(thing, list | tuple):
        return sum(map(bytes_of, thing))
    return 64


RESULTS = Results()


def computed(experiment: Experiment[S, R], spec: S) -> R:
    """The result of ``experiment`` with ``spec``; see ``Results.get``."""
    return RESULTS.get(experiment, spec)
