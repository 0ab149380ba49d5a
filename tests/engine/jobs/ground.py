"""What the tests of jobs ask of an app, and how they wait."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.jobs import Jobs, Limits, Status
from tests.engine.jobs.slow_work import WALK, WalkSpec

SECONDS = 30
"""The longest that a test waits for anything."""


def until(met: Callable[[], Any], told: Callable[[], Any] = lambda: "") -> Any:
    """Wait until ``met`` gives something true, and return that; ``told`` is part of the failure otherwise."""
    deadline = time.monotonic() + SECONDS
    while not (result := met()):
        assert time.monotonic() < deadline, told()
        threading.Event().wait(0.01)
    return result


class App:
    """An app's jobs and what tests ask of them."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.jobs = Jobs(folder, limits)

    def submit(self, spec: WalkSpec, visitor: str = "Ada", anew: bool = False) -> str:
        return self.jobs.submit(WALK, spec, visitor, anew=anew)

    def await_state(self, key: str, *states: str) -> Status:
        """Until the job is in one of ``states``, which any other end than these fails."""
        until(lambda: (now := self.jobs.status(key)).state in states or not now.active, lambda: self.jobs.status(key))
        status = self.jobs.status(key)
        assert status.state in states, status
        return status

    def await_step(self, key: str, step: int) -> None:
        """Until the walk stands before ``step``."""
        until(lambda: any(event.get("step") == step for event in self.told(key)), lambda: self.jobs.status(key))

    def told(self, key: str, kind: str = "") -> list[dict[str, Any]]:
        return [event for _, event in self.jobs.events(key) if kind in ("", event["kind"])]

    def totals(self, key: str) -> list[int]:
        return [event["total"] for event in self.told(key, "step")]

    def starts(self, key: str) -> list[int]:
        """The step before which each start of the walk stood."""
        return [event["first"] for event in self.told(key, "start")]

    def worker(self, key: str) -> int:
        """The process that runs the job."""
        return int(self.told(key, "start")[-1]["pid"])

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """In this block nothing reaches the cluster or comes from it."""
        block = threading.Event()
        self.jobs._clerk.do(block.wait, SECONDS)
        try:
            yield
        finally:
            block.set()


OpenApp = Callable[..., App]
Walk = Callable[..., WalkSpec]
