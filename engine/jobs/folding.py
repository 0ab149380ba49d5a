"""The results of jobs, as far as their events report them. A result is computed once for all visitors who watch."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from engine.events import Event
from engine.experiment import Experiment, R, S
from engine.jobs.store import News

# Bytes that are counted for each job in addition to its events.
OVERHEAD = 10_000


@dataclass
class _Job:
    """The events that were read from one job, and their result.

    last: the highest number of an event. size: in bytes. result: None if the events have to be folded again. ``lock``
    is held while the events are read and folded.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    revision: int = 0
    events: list[Event] = field(default_factory=list)
    last: int = 0
    size: int = OVERHEAD
    result: Any = None


class Results:
    """The result of each job so far. Only new events are read. All visitors who watch a job share one result.

    Different jobs can be read and folded at the same time, because each job has its own lock. Any thread may use this.

    read: (key, after) -> the job's events with numbers above ``after``.
    most_bytes: the limit on the total length, as JSON, of the events kept here. Above this limit, the least recently
        used job is dropped. The most recently used job stays, however large it is. A dropped job is read and folded
        again when its result is next requested.
    """

    def __init__(self, read: Callable[[str, int], News], most_bytes: int) -> None:
        self._read, self._most_bytes = read, most_bytes
        self._lock = threading.Lock()  # guards ``_jobs``; it is not held while events are read or folded
        self._jobs: OrderedDict[str, _Job] = OrderedDict()  # the most recently used job is last

    def result(self, key: str, experiment: Experiment[S, R], spec: S) -> R:
        """The result so far of the job ``key``, which computes ``experiment`` with ``spec``."""
        with self._lock:
            job = self._jobs.setdefault(key, _Job())
            self._jobs.move_to_end(key)
        with job.lock:
            result = self._folded(job, key, experiment, spec)
        with self._lock:
            while sum(job.size for job in self._jobs.values()) > self._most_bytes and len(self._jobs) > 1:
                self._jobs.popitem(last=False)
        return result

    def _folded(self, job: _Job, key: str, experiment: Experiment[S, R], spec: S) -> R:
        news = self._read(key, job.last)
        if news.revision != job.revision:
            # The job was started over, an event was replaced, or an event came late: read everything again.
            news = self._read(key, 0)
            job.revision, job.events, job.last, job.size, job.result = news.revision, [], 0, OVERHEAD, None
        for number, text in news.texts:
            job.events.append(json.loads(text))
            job.last, job.size, job.result = number, job.size + len(text), None
        if job.result is None:
            job.result = experiment.so_far(spec, job.events)
        return cast(R, job.result)
