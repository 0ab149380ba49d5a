"""The app's connection to a Dask cluster: its own, or the outside one at ``DASK_SCHEDULER_ADDRESS``."""

# mypy: untyped-calls-exclude="distributed"

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.jobs.local_cluster import LocalCluster
from engine.jobs.order import Limits, Order, topic
from engine.jobs.worker import work_on

# Seconds within which a scheduler must answer.
PATIENCE = 30

Message = dict[str, Any]


def outside() -> str | None:
    """The scheduler's address of an outside cluster, which may have other devices than this machine, or None."""
    return os.environ.get("DASK_SCHEDULER_ADDRESS")


class Cluster:
    """The connection, which is made at the first attempt. Only the clerk calls the methods, because they may take long.

    folder: the app's folder. Its subfolder ``work`` holds the files of all jobs. The app's own worker uses it too.

    A thread of Dask calls the functions that follow. They must return at once.
    on_message: (key, attempt, message): an attempt sent a message. See ``engine.jobs.worker``.
    on_lost: (key, attempt, reason): an attempt will send nothing more. May be called twice. reason: "" if the scheduler
        is gone.
    on_out_of_memory: (address): the worker at this address was killed because it used too much memory.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        on_message: Callable[[str, str, Message], None],
        on_lost: Callable[[str, str, str], None],
        on_out_of_memory: Callable[[str], None],
    ) -> None:
        self.address = outside()
        self._folder, self._limits = folder, limits
        self._on_message, self._on_lost, self._on_out_of_memory = on_message, on_lost, on_out_of_memory
        self._local: LocalCluster | None = None
        self._client: Any = None
        self._futures: dict[str, Any] = {}  # topic -> future, for the attempts started here that are still watched

    def start(self, order: Order, attempt: str, files: Mapping[str, bytes]) -> list[Message]:
        """Start an attempt at a job, or join it if it is on the cluster already.

        files: the files that the attempt resumes from. They are sent to an outside worker.
        Returns the attempt's messages so far, if the scheduler remembers them. Raises OSError if there is no cluster.
        """
        from distributed import Variable, fire_and_forget

        self._connect()
        name = topic(order.key, attempt)
        listening = threading.Event()

        def hear(event: tuple[float, Message]) -> None:
            if message := event[1]:
                self._on_message(order.key, attempt, message)
            else:
                listening.set()

        self._client.subscribe_topic(name, hear)
        if self._client.get_events(name):
            # The attempt is on the cluster already. Events sent before the subscription is confirmed are lost.
            while not listening.wait(0.05):
                self._client.log_event(name, {})
        elif self.address:
            Variable(name, self._client).set(dict(files))
        messages = [message for _, message in self._client.get_events(name) if message]
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
        if self.address and not messages:
            fire_and_forget(future)  # the task outlives the app
        future.add_done_callback(
            lambda done: None if done.status == "finished" else self._on_lost(order.key, attempt, _why(done))
        )
        self._futures[name] = future
        return messages

    def stop(self, name: str) -> None:
        """Ask the attempt ``name`` to stop at its next event."""
        from distributed import Event

        if self._client:
            Event(name, self._client).set()

    def files(self, name: str) -> Mapping[str, bytes]:
        """The files that an outside worker sent last."""
        from distributed import Variable

        return dict(Variable(name, self._client).get(timeout=PATIENCE))

    def leave(self, name: str) -> None:
        """Release what the cluster holds for an attempt that has ended."""
        from distributed import Event, Variable

        if self._futures.pop(name, None):
            self._client.unsubscribe_topic(name)
            Event(name, self._client).clear()
            if self.address:
                Variable(name, self._client).delete()

    def close(self) -> None:
        """Disconnect, and end the app's own cluster. The next ``start`` makes a new one."""
        self._futures.clear()
        if self._client:
            self._client.close(timeout=2)
        if self._local:
            self._local.close()
        self._client = self._local = None

    def _connect(self) -> None:
        from distributed import Client

        if self._client and self._client.status == "running":
            return
        self.close()
        if not self.address:
            self._local = LocalCluster(self._limits, self._folder / "dask")
        address = self._local.address if self._local else self.address
        self._client = Client(address, timeout=PATIENCE, set_as_default=False, name="gradient-lab")
        self._client.subscribe_topic("worker-restart-memory", lambda event: self._on_out_of_memory(event[1]["worker"]))


def _why(future: Any) -> str:
    """The reason why a task did not finish. "" if the scheduler is gone."""
    from distributed import KilledWorker

    if future.status != "error":
        return ""
    error = future.exception()
    if isinstance(error, KilledWorker):
        return "The workers died during this run, perhaps because memory ran out."
    return f"{type(error).__name__}: {error}"
