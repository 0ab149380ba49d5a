"""The app's end of a Dask cluster: its own, or the outside one at ``DASK_SCHEDULER_ADDRESS``."""

# mypy: untyped-calls-exclude="distributed"

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from engine.jobs.host import Host
from engine.jobs.order import Limits, Order, topic
from engine.jobs.worker import work_on

PATIENCE = 30
"""Seconds for a scheduler to answer."""

Message = dict[str, Any]


def outside() -> str | None:
    """The scheduler's address of a cluster of others, which may have devices that this machine has not, or None."""
    return os.environ.get("DASK_SCHEDULER_ADDRESS")


class Listener(Protocol):
    """Who is told what happens on the cluster, from any thread."""

    def heard(self, key: str, attempt: str, message: Message) -> None:
        """An attempt told something; see ``engine.jobs.worker``."""

    def lost(self, key: str, attempt: str, reason: str) -> None:
        """An attempt will tell nothing any more; may be told twice. reason: "" where the scheduler went away."""

    def short(self, worker: str) -> None:
        """The worker at this address was ended for the memory it took."""


class Cluster:
    """Started, or joined, when an attempt is first started on it. Its methods may take a while and are for one thread.

    folder: the app's. The files of all jobs lie in its ``work``, which the workers of the app's own cluster share.
    """

    def __init__(self, folder: Path, limits: Limits, listener: Listener) -> None:
        self.address = outside()
        self._folder, self._limits, self._listener = folder, limits, listener
        self._host: Host | None = None
        self._client: Any = None
        self._futures: dict[str, Any] = {}
        """What was started here, by topic, until it is left."""

    def start(self, order: Order, attempt: str, files: Mapping[str, bytes]) -> list[Message]:
        """Have an attempt at a job made, or join it where it is on the cluster already.

        files: those it goes on from; an outside worker is sent them.
        Returns what it has told so far, as far as the scheduler remembers. Raises OSError where there is no cluster.
        """
        from distributed import Variable, fire_and_forget

        self._connect()
        name = topic(order.key, attempt)
        heard, lost = self._listener.heard, self._listener.lost
        listening = threading.Event()

        def hear(event: tuple[float, Message]) -> None:
            heard(order.key, attempt, event[1]) if event[1] else listening.set()

        self._client.subscribe_topic(name, hear)
        if self._client.get_events(name):  # it is there already, and what it tells until we are heard to listen is lost
            while not listening.wait(0.05):
                self._client.log_event(name, {})
        elif self.address:
            Variable(name, self._client).set(dict(files))
        told = [message for _, message in self._client.get_events(name) if message]
        future = self._client.submit(
            work_on,
            order,
            attempt,
            self._limits,
            None if self.address else str(self._folder / "work"),
            key=name,
            resources={"GPU": 1} if self.address and order.device.startswith("cuda") else None,
            fifo_timeout="0ms",
        )
        if self.address and not told:
            fire_and_forget(future)  # it outlives the app
        future.add_done_callback(
            lambda done: None if done.status == "finished" else lost(order.key, attempt, _why(done))
        )
        self._futures[name] = future
        return told

    def stop(self, name: str) -> None:
        """Tell the attempt ``name`` to stop at its next event."""
        from distributed import Event

        if self._client:
            Event(name, self._client).set()

    def files(self, name: str) -> Mapping[str, bytes]:
        """The files that an outside worker sent up last."""
        from distributed import Variable

        files: Mapping[str, bytes] = Variable(name, self._client).get(timeout=PATIENCE)
        return files

    def leave(self, name: str) -> None:
        """Drop all that is held for an attempt that has ended."""
        from distributed import Event, Variable

        if self._futures.pop(name, None):
            self._client.unsubscribe_topic(name)
            Event(name, self._client).clear()
            if self.address:
                Variable(name, self._client).delete()

    def close(self) -> None:
        """Disconnect; end the app's own cluster. The next ``start`` makes another."""
        self._futures.clear()
        if self._client:
            self._client.close(timeout=2)
        if self._host:
            self._host.close()
        self._client = self._host = None

    def _connect(self) -> None:
        from distributed import Client

        if self._client and self._client.status == "running":
            return
        self.close()
        if not self.address:
            self._host = Host(self._limits, self._folder / "dask")
        address = self._host.address if self._host else self.address
        self._client = Client(address, timeout=PATIENCE, set_as_default=False, name="gradient-lab")
        self._client.subscribe_topic("worker-restart-memory", lambda event: self._listener.short(event[1]["worker"]))


def _why(future: Any) -> str:
    """Why a task never came to its end; "" where the scheduler went away."""
    from distributed import KilledWorker

    if future.status != "error":
        return ""
    error = future.exception()
    if isinstance(error, KilledWorker):
        return "Its workers died while they had it, perhaps for want of memory."
    return f"{type(error).__name__}: {error}"
