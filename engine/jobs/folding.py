"""The results of jobs as far as their events report them, computed once for all who watch."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.events import Event
from engine.experiment import Experiment, R, S
from engine.jobs.store import News

OVERHEAD = 10_000
"""Bytes that are counted for each job in addition to its events."""

Read = Callable[[str, int], News]
"""(key, after) -> the job's events with numbers above ``after``."""


@dataclass
class _Folded:
    """What was read of a job. last: the highest number. size: in bytes. current: whether ``result`` is up to date."""

    revision: int = 0
    events: list[Event] = field(default_factory=list)
    last: int = 0
    size: int = OVERHEAD
    result: Any = None
    current: bool = False


class _Job:
    """One job. ``lock`` is held while its events are read and folded."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.folded = _Folded()

    def result(self, key: str, read: Read, experiment: Experiment[S, R], spec: S) -> R:
        news = read(key, self.folded.last)
        if news.revision != self.folded.revision:
            # The job was started over, an event was replaced, or an event came late: read everything again.
            news = read(key, 0)
            self.folded = _Folded(news.revision)
        folded = self.folded
        for number, text in news.texts:
            folded.events.append(json.loads(text))
            folded.last = number
            folded.size += len(text)
        if news.texts or not folded.current:
            folded.current = False
            folded.result = experiment.so_far(spec, folded.events)
            folded.current = True
        result: R = folded.result
        return result


class Results:
    """The result of each job so far. Only new events are read, and all who watch a job share one result.

    Different jobs are read and folded at the same time: each has its own lock. Safe to use from any thread.

    most_bytes: the total length of the events kept here, as JSON. Above it the job used longest ago is dropped; the
        job used last stays, however large it is. A dropped job is read and folded again when it is next asked for.
    """

    def __init__(self, read: Read, most_bytes: int) -> None:
        self._read = read
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        """Guards ``_jobs``. It is not held while events are read or folded."""
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        """The job used last stands at the end."""

    def result(self, key: str, experiment: Experiment[S, R], spec: S) -> R:
        """The result so far of the job ``key``, which computes ``experiment`` with ``spec``."""
        with self._lock:
            job = self._jobs.setdefault(key, _Job())
            self._jobs.move_to_end(key)
        with job.lock:
            result = job.result(key, self._read, experiment, spec)
        with self._lock:
            while sum(job.folded.size for job in self._jobs.values()) > self._most_bytes and len(self._jobs) > 1:
                self._jobs.popitem(last=False)
        return result
