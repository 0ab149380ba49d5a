"""Jobs: long work that is submitted, watched, cancelled and kept."""

import atexit
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from engine.events import Event
from engine.experiment import Experiment, S
from engine.jobs.cluster import Cluster, Message
from engine.jobs.order import Limits, Order, QuotaExceeded, engine_version, topic
from engine.jobs.shelf import Shelf, parsed
from engine.jobs.store import Row, State, Status, Store, claim

CLOSED = "The app stopped while it ran."

logger = logging.getLogger(__name__)


class Jobs:
    """The jobs of one app, kept in ``folder``. One per process; safe to use from any thread.

    The app's own cluster is started, or the one at ``DASK_SCHEDULER_ADDRESS`` joined, when it is first needed. No call
    waits for it: one thread, the clerk, speaks to the cluster and takes in, one by one, what comes back.
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._folder, self._claim, notices = claim(folder)
        self._store = Store(self._folder)
        self._store.notices[:0] = notices
        self._lock = threading.RLock()
        self._owners: dict[str, str] = {}
        """The visitor who started each active or parked job."""
        self._workers: dict[str, str] = {}
        """The worker that runs each running job."""
        self._short: set[str] = set()
        """Running jobs of which a worker ran out of memory."""
        self._errands: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._cluster = Cluster(self._folder, self.limits, self)
        self._clerk = threading.Thread(target=self._work_off, name="jobs", daemon=True)
        self._clerk.start()
        atexit.register(self.close)
        if self._cluster.address:
            for job in self._store.active():
                self._errands.put(partial(self._launch, job["key"]))
        else:
            self._interrupt(CLOSED)

    @property
    def notices(self) -> list[str]:
        """What went wrong with keeping jobs, for people."""
        return list(self._store.notices)

    def submit(
        self, experiment: Experiment[S, Any], spec: S, visitor: str, device: str = "cpu", anew: bool = False
    ) -> str:
        """Order the long work of ``experiment`` with ``spec``.

        device: the one found for it, "cpu" or "cuda"; a part of what is ordered. anew: what an earlier run of it left
        is dropped; an active one is joined all the same.
        Returns the job's key. The same order has the same key: a finished job is found, an active one joined, any other
        goes on from its checkpoints. Raises QuotaExceeded.
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
        """The job's events with numbers above ``after``, in order, each with its number.

        An event with the ``"key"`` of an earlier one has taken its place, under a number of its own.
        """
        return self._store.events(key, after)

    def watch(self, key: str) -> None:
        """Say that a visitor looks at this job; to be called every few seconds.

        Resumes it if it was parked. If it waits, one that runs unwatched for ``Limits.unwatched`` is parked.
        """
        with self._lock:
            job = self._store.job(key)
            if job is None:
                return
            self._store.update(key, used=time.time())
            if job["state"] == "parked" and len(self._store.active()) < self.limits.in_all:
                self._enqueue(self._store.order(key))
            elif job["state"] == "queued" and not any(other["wish"] for other in self._store.active()):
                self._make_room("running")
            elif job["wish"] == "parked":
                self._store.update(key, wish="again")

    def cancel(self, key: str) -> None:
        """Stop this job, for all who joined it. It keeps its events, and goes on if it is submitted again."""
        with self._lock:
            job = self._store.job(key)
            if job is None or job["state"] not in ("queued", "running", "parked", "interrupted"):
                return
            self._halt(job, "cancelled")

    def owns(self, key: str, visitor: str) -> bool:
        """Whether an active job is this visitor's to cancel: they started it, or this app does not know who did."""
        return self._owners.get(key, visitor) == visitor

    def find(self, visitor: str) -> list[Status]:
        """The jobs that ``visitor`` asked for since the app started, newest first."""
        return self._store.described(self._store.visited(visitor, engine_version()))

    def close(self) -> None:
        """End the app's own cluster and interrupt its jobs; on an outside one a turn goes to its end. Repeatable."""
        atexit.unregister(self.close)
        if not self._clerk.is_alive():
            return
        self._errands.put(None)
        self._clerk.join()
        self._cluster.close()
        if not self._cluster.address:
            self._interrupt(CLOSED)
        self._store.close()
        if self._claim:
            self._claim.close()
        else:
            shutil.rmtree(self._folder, ignore_errors=True)

    # The cluster's word, put into the clerk's hands.

    def heard(self, key: str, attempt: str, message: Message) -> None:
        self._errands.put(partial(self._receive, key, attempt, message))

    def lost(self, key: str, attempt: str, reason: str) -> None:
        self._errands.put(partial(self._lose, key, attempt, reason))

    def short(self, worker: str) -> None:
        self._errands.put(partial(self._note_memory, worker))

    # What calls lead to, under the lock.

    def _admit(self, visitor: str) -> None:
        active = self._store.active()
        own = sum(self._owners.get(job["key"]) == visitor for job in active)
        if own >= self.limits.per_visitor:
            raise QuotaExceeded(f"{own} of your runs are queued or running, the most you may have. Cancel one or wait.")
        if len(active) >= self.limits.in_all and not self._make_room("queued", "running"):
            raise QuotaExceeded(f"{len(active)} runs are queued or running, the most there may be. Try again later.")

    def _enqueue(self, order: Order) -> None:
        self._short.discard(order.key)  # which an earlier attempt was, on a worker that may have others by now
        self._workers.pop(order.key, None)
        self._store.enqueue(order, secrets.token_hex(6), time.time())
        self._errands.put(partial(self._launch, order.key))

    def _make_room(self, *states: State) -> bool:
        """Park the job in one of ``states`` that nobody has watched for longest; False if all are watched."""
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
        self._errands.put(partial(self._cluster.stop, topic(job["key"], job["attempt"])))

    def _settle(self, key: str, state: State, reason: str = "") -> None:
        """End a job's activity, for now or for good; what was used longest ago makes room for what it leaves, which
        itself stays, however large it is. A parked job remains its visitor's: it goes on by itself."""
        self._store.update(key, state=state, reason=reason, wish="", ended=time.time())
        self._store.weigh(key, self._shelf(key).bytes())
        if state != "parked":
            self._owners.pop(key, None)
        self._workers.pop(key, None)
        kept = 0
        for job in self._store.idle():
            kept += job["bytes"]
            if kept > self.limits.kept_bytes and job["key"] != key:
                self._forget(job["key"])

    def _forget(self, key: str) -> None:
        """Drop a job that is not active, with all that it told."""
        self._owners.pop(key, None)
        self._store.forget(key)
        self._shelf(key).remove()

    def _interrupt(self, reason: str) -> None:
        with self._lock:
            for job in self._store.active():
                self._settle(job["key"], "interrupted", reason)

    # What the clerk does.

    def _work_off(self) -> None:
        while (errand := self._errands.get()) is not None:
            try:
                errand()
            except Exception:
                logger.exception("An errand of the jobs failed")

    def _launch(self, key: str) -> None:
        """Put a queued job on the cluster, or join it there after the app's restart."""
        job = self._active(key)
        if job is None:
            return
        attempt, outside = job["attempt"], self._cluster.address
        try:
            told = self._cluster.start(self._store.order(key), attempt, self._shelf(key).files() if outside else {})
        except Exception as error:
            logger.exception("No cluster for job %s", key)
            self._lose(key, attempt, f"No worker can be reached: {error}.")
            return
        if outside and told:  # the files hold what is too old to be told again
            self._fetch(key, attempt)
        for message in told:
            if "kept" not in message:
                self._receive(key, attempt, message)

    def _receive(self, key: str, attempt: str, message: Message) -> None:
        """Take in what an attempt tells; the words of one that is over are dropped."""
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
                self._enqueue(self._store.order(key))
            else:
                self._settle(key, wish or "interrupted")
        elif end == "done":
            self._shelf(key).remove()
            self._store.update(key, progress=1.0)
            self._settle(key, "done")
        else:
            self._settle(key, "failed", f"It ran out of memory. {reason}" if key in self._short else reason)

    def _lose(self, key: str, attempt: str, reason: str) -> None:
        """No word will come of this attempt any more. What an outside cluster may still have is joined again."""
        with self._lock:
            if not self._active(key, attempt):
                return
            if reason or not self._cluster.address:
                self._settle(key, "failed" if reason else "interrupted", reason or "Its worker ended unexpectedly.")
                return
        self._launch(key)

    def _fetch(self, key: str, attempt: str) -> None:
        """Copy the files that an outside worker sent up, and take in the events that got lost on their way."""
        if self._active(key, attempt):
            files = self._cluster.files(topic(key, attempt))
            self._shelf(key).take(files)
            for number, text in parsed(files):
                self._store.append(key, number, text)

    def _note_memory(self, worker: str) -> None:
        self._short |= {key for key, place in self._workers.items() if place == worker}

    def _active(self, key: str, attempt: str | None = None) -> Row | None:
        """The job, if it is queued or running, and in this attempt where one is given."""
        job = self._store.job(key)
        if job is None or job["state"] not in ("queued", "running") or attempt not in (None, job["attempt"]):
            return None
        return job

    def _shelf(self, key: str) -> Shelf:
        return Shelf(self._folder / "work" / key)
