"""Jobs: long computations that are submitted, watched, cancelled and stored."""

import atexit
import json
import logging
import secrets
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from engine.events import Event
from engine.experiment import Experiment, R, S
from engine.jobs.checkpoint_files import CheckpointFiles, parsed
from engine.jobs.clerk import Clerk
from engine.jobs.cluster import Cluster, Message
from engine.jobs.folding import Results
from engine.jobs.order import Limits, Order, QuotaExceeded, topic
from engine.jobs.status import State, Status
from engine.jobs.store import Row, Store, order_of
from engine.jobs.version import version

logger = logging.getLogger(__name__)


class Jobs:
    """The jobs of one app, stored in ``folder``. A process has at most one such object. Any thread may use it.

    The first job starts the app's own cluster, or connects to the one at ``DASK_SCHEDULER_ADDRESS``. No call waits for
    the cluster: one thread, the clerk, calls it and handles its messages.
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._store = Store(folder)
        self._results = Results(self._store.events, self.limits.folded_bytes)
        self._lock = threading.RLock()
        self._owners: dict[str, str] = {}  # the visitor who started each active or parked job
        self._workers: dict[str, str] = {}  # the worker that runs each running job
        self._short: set[str] = set()  # running jobs whose worker ran out of memory
        self._clerk = Clerk()
        self._cluster = Cluster(
            self._store.folder,
            self.limits,
            partial(self._clerk.do, self._on_message),
            partial(self._clerk.do, self._on_lost),
            partial(self._clerk.do, self._on_out_of_memory),
        )
        atexit.register(self.close)
        if self._cluster.address:
            for job in self._store.active():
                self._clerk.do(self._launch, job["key"])
        else:
            self._interrupt()

    @property
    def notices(self) -> list[str]:
        """Sentences for the visitors about problems with storing jobs."""
        return list(self._store.notices)

    def submit(
        self, experiment: Experiment[S, Any], spec: S, visitor: str, device: str = "cpu", anew: bool = False
    ) -> str:
        """Order the work of ``experiment`` with ``spec``.

        device: the device that the job runs on, "cpu" or "cuda". It is part of the order.
        anew: if the job is not active, first delete its events and files, and start from the beginning.
        Returns the job's key. The same order always has the same key. A finished or active job is not started again.
        Any other job resumes from its checkpoints. Raises QuotaExceeded.
        """
        order = Order.of(experiment, spec, device)
        with self._lock:
            job = self._store.job(order.key)
            if job is None or job["state"] not in (("queued", "running") if anew else ("queued", "running", "done")):
                self._admit(visitor)
                if anew:
                    self._forget(order.key)
                self._owners[order.key] = visitor
                self._enqueue(order)
            elif job["wish"]:
                self._store.update(order.key, wish="again")
            self._store.update(order.key, used=time.time())
            self._store.visit(visitor, order.key)
        return order.key

    def status(self, key: str) -> Status:
        return self._store.status(key)

    def events(self, key: str, after: int = 0) -> list[tuple[int, Event]]:
        """The job's events with numbers above ``after``, in order: (number, event).

        An event replaces the earlier event with the same ``"key"``, and has a new number.
        """
        return [(number, json.loads(text)) for number, text in self._store.events(key, after).texts]

    def result(self, experiment: Experiment[S, R], spec: S, device: str = "cpu") -> R:
        """The result so far of the job that ``submit`` starts with the same arguments, also if nobody has started it.

        All callers share one result object. Do not change it.
        """
        return self._results.result(Order.of(experiment, spec, device).key, experiment, spec)

    def watch(self, key: str) -> None:
        """Report that a visitor looks at this job. Call this method every few seconds.

        A parked job resumes. If the job is queued, a running job that nobody has watched for ``Limits.unwatched``
        seconds is parked.
        """
        with self._lock:
            job = self._store.job(key)
            if job is None:
                return
            self._store.update(key, used=time.time())
            if job["state"] == "parked" and len(self._store.active()) < self.limits.in_all:
                self._enqueue(order_of(job))
            elif job["state"] == "queued" and not any(other["wish"] for other in self._store.active()):
                self._make_room("running")
            elif job["wish"] == "parked":
                self._store.update(key, wish="again")

    def cancel(self, key: str) -> None:
        """Stop this job for everyone. It keeps its events and checkpoints, and resumes when it is submitted again."""
        with self._lock:
            job = self._store.job(key)
            if job and job["state"] in ("queued", "running", "parked", "interrupted"):
                self._halt(job, "cancelled")

    def owns(self, key: str, visitor: str) -> bool:
        """Whether this visitor may cancel an active job: if they started it, or if the app does not know who did."""
        return self._owners.get(key, visitor) == visitor

    def find(self, visitor: str, experiment: Experiment[Any, Any]) -> list[Status]:
        """The jobs of ``experiment`` that ``visitor`` ordered since the app started, newest first."""
        return self._store.described(self._store.visited(visitor, experiment.name, version(experiment)))

    def close(self) -> None:
        """End the app's own cluster and interrupt its jobs. Jobs on an outside cluster finish their turn."""
        atexit.unregister(self.close)
        if not self._clerk.close():
            return
        self._cluster.close()
        if not self._cluster.address:
            self._interrupt()
        self._store.close()

    # Changes of a job's state. The caller holds the lock.

    def _admit(self, visitor: str) -> None:
        active = self._store.active()
        own = sum(self._owners.get(job["key"]) == visitor for job in active)
        if own >= self.limits.per_visitor:
            raise QuotaExceeded(f"{own} of your runs are queued or running. You cannot have more: cancel one or wait.")
        if len(active) >= self.limits.in_all and not self._make_room("queued", "running"):
            raise QuotaExceeded(f"{len(active)} runs are queued or running. There cannot be more: try again later.")

    def _enqueue(self, order: Order) -> None:
        self._short.discard(order.key)  # it was about an earlier attempt
        self._workers.pop(order.key, None)
        self._store.enqueue(order, secrets.token_hex(6), time.time())
        self._clerk.do(self._launch, order.key)

    def _make_room(self, *states: State) -> bool:
        """Park the job in one of ``states`` that nobody has watched for longest. Returns False if all are watched."""
        active = [job for job in self._store.active() if job["state"] in states and not job["wish"]]
        left = [job for job in active if job["used"] < time.time() - self.limits.unwatched]
        if left:
            self._halt(min(left, key=lambda job: float(job["used"])), "parked")
        return bool(left)

    def _halt(self, job: Row, state: State) -> None:
        if job["state"] == "running":
            self._store.update(job["key"], wish=state)
        else:
            self._settle(job["key"], state)
        self._clerk.do(self._cluster.stop, topic(job["key"], job["attempt"]))

    def _settle(self, key: str, state: State, reason: str = "") -> None:
        """Make a job inactive. If all inactive jobs are too large together, delete the others used longest ago.

        A parked job still belongs to its visitor, because it resumes when someone watches it.
        """
        self._store.settle(key, state, reason, time.time(), self._files(key).bytes())
        if state != "parked":
            self._owners.pop(key, None)
        self._workers.pop(key, None)
        kept = 0
        for job in self._store.idle():
            kept += job["bytes"]
            if kept > self.limits.kept_bytes and job["key"] != key:
                self._forget(job["key"])

    def _forget(self, key: str) -> None:
        """Delete a job that is not active, with its events and files."""
        self._owners.pop(key, None)
        self._store.forget(key)
        self._files(key).remove()

    def _interrupt(self) -> None:
        with self._lock:
            for job in self._store.active():
                self._settle(job["key"], "interrupted", "The app stopped during this run.")

    # Tasks of the clerk. Those whose names begin with "_on" handle reports from the cluster.

    def _launch(self, key: str) -> None:
        """Start a queued job on the cluster, or join it there after a restart of the app."""
        job = self._active(key)
        if job is None:
            return
        attempt, outside = job["attempt"], self._cluster.address
        try:
            messages = self._cluster.start(order_of(job), attempt, self._files(key).files() if outside else {})
        except Exception as error:
            logger.exception("No cluster for job %s", key)
            self._on_lost(key, attempt, f"No worker can be reached: {error}.")
            return
        if outside and messages:  # the files hold the events that the scheduler no longer remembers
            self._fetch(key, attempt)
        for message in messages:
            if "kept" not in message:
                self._on_message(key, attempt, message)

    def _on_message(self, key: str, attempt: str, message: Message) -> None:
        """Handle a message of an attempt. Messages of an attempt that is over are ignored."""
        if "kept" in message:
            self._fetch(key, attempt)
            return
        with self._lock:
            job = self._active(key, attempt)
            if job and "end" in message:
                self._end(job, message["end"], message["reason"])
            elif job:
                if job["state"] == "queued":
                    self._store.update(key, state="running")
                if "start" in message:
                    self._workers[key] = message["start"]
                else:
                    self._store.append(key, message["n"], message["event"])
        if "end" in message:
            self._cluster.leave(topic(key, attempt))

    def _end(self, job: Row, end: str, reason: str) -> None:
        key, wish = job["key"], job["wish"]
        if end in ("stopped", "turn"):
            if wish == "again" or (end == "turn" and not wish):
                self._enqueue(order_of(job))
            else:
                self._settle(key, wish or "interrupted")
        elif end == "done":
            self._files(key).remove()
            self._store.update(key, progress=1.0)
            self._settle(key, "done")
        else:
            self._settle(key, "failed", f"It ran out of memory. {reason}" if key in self._short else reason)

    def _on_lost(self, key: str, attempt: str, reason: str) -> None:
        """This attempt will send no more messages. If the attempt may still run on an outside cluster, join it."""
        with self._lock:
            if not self._active(key, attempt):
                return
            if reason or not self._cluster.address:
                self._settle(key, "failed" if reason else "interrupted", reason or "Its worker ended unexpectedly.")
                return
        self._launch(key)

    def _fetch(self, key: str, attempt: str) -> None:
        """Copy the files that an outside worker sent, and store the events that did not arrive."""
        if self._active(key, attempt):
            files = self._cluster.files(topic(key, attempt))
            self._files(key).take(files)
            for number, text in parsed(files):
                self._store.append(key, number, text)

    def _on_out_of_memory(self, worker: str) -> None:
        self._short |= {key for key, place in self._workers.items() if place == worker}

    def _active(self, key: str, attempt: str | None = None) -> Row | None:
        """The job, if it is active and ``attempt`` is either None or the job's current attempt. Otherwise None."""
        job = self._store.job(key)
        active = job and job["state"] in ("queued", "running") and attempt in (None, job["attempt"])
        return job if active else None

    def _files(self, key: str) -> CheckpointFiles:
        return CheckpointFiles(self._store.folder / "work" / key)
