"""An app for the tests of jobs. Its methods submit jobs, wait for them and read them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from engine.jobs import Jobs, Limits, Status
from tests.engine.jobs.slow_work import WALK, WalkSpec

SECONDS = 120
"""A test that waits longer than this fails."""


def until(met: Callable[[], Any], shown: Callable[[], Any] = lambda: "") -> Any:
    """Wait until ``met()`` is true, and return its value. A failure shows ``shown()``."""
    deadline = time.monotonic() + SECONDS
    while not (result := met()):
        assert time.monotonic() < deadline, shown()
        threading.Event().wait(0.01)
    return result


class App:
    """The jobs of one app."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.jobs = Jobs(folder, limits)

    def submit(self, spec: WalkSpec, visitor: str = "Ada", anew: bool = False) -> str:
        return self.jobs.submit(WALK, spec, visitor, anew=anew)

    def await_state(self, key: str, *states: str) -> Status:
        """Wait until the job is in one of ``states``. The test fails if the job ends in another state."""
        until(lambda: (now := self.jobs.status(key)).state in states or not now.active, lambda: self.jobs.status(key))
        status = self.jobs.status(key)
        assert status.state in states, status
        return status

    def await_step(self, key: str, step: int) -> None:
        """Wait until the walk waits at ``step``."""
        until(lambda: any(event.get("step") == step for event in self.events(key)), lambda: self.jobs.status(key))

    def events(self, key: str, kind: str = "") -> list[dict[str, Any]]:
        return [event for _, event in self.jobs.events(key) if kind in ("", event["kind"])]

    def totals(self, key: str) -> list[int]:
        return [event["total"] for event in self.events(key, "step")]

    def starts(self, key: str) -> list[int]:
        """For each start of the walk, the step at which it started."""
        return [event["first"] for event in self.events(key, "start")]

    def worker(self, key: str) -> int:
        """The id of the process that runs the job."""
        return int(self.events(key, "start")[-1]["pid"])

    def worker_processes(self) -> list[psutil.Process]:
        """The worker processes of the app's own cluster."""
        cluster = self.jobs._cluster._local
        assert cluster is not None
        children = psutil.Process(cluster._process.pid).children(recursive=True)
        return [process for process in children if "spawn_main" in " ".join(process.cmdline())]

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Within this block, the app sends nothing to the cluster and receives nothing from it."""
        block = threading.Event()
        self.jobs._clerk.do(block.wait, SECONDS)
        try:
            yield
        finally:
            block.set()


OpenApp = Callable[..., App]
Walk = Callable[..., WalkSpec]
