"""A long computation for the tests of jobs. Files in a folder let it step, and show what happened to it."""

import errno
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import Field

from engine.events import Checkpoint, Event
from engine.experiment import Experiment, Recipe
from engine.spec import Spec

AT_ONCE = 400
"""A hoard of so many megabytes fills the worker's memory in one step that does not end."""


class WalkSpec(Spec):
    """A walk of ``steps`` steps. Each step waits for the file ``open`` or ``step NUMBER`` in ``folder``."""

    folder: str = Field("", max_length=400)
    device: str = "auto"
    steps: int = Field(6, ge=1, le=100_000)
    seed: int = 0
    deaths: int = Field(0, description="How often the walk kills its own process, at its fourth step.")
    error: str = Field("", description="The kind of error that the walk raises at its second step.")
    hoard: int = Field(0, description="Megabytes that the walk allocates at its second step and at each later step.")


class Stumble(Exception):
    """An error that is shown with its type, because the engine does not raise it."""


ERRORS: dict[str, Callable[[str], Exception]] = {
    "value": ValueError,
    "memory": MemoryError,
    "stumble": Stumble,
    "disk": lambda text: OSError(errno.ENOSPC, text),
}


def walk(spec: WalkSpec, checkpoints: Mapping[str, bytes]) -> Iterator[Event | Checkpoint]:
    """A running total over the steps, with a checkpoint after every second one."""
    first, total = json.loads(checkpoints.get("the walk", b"[0, 0]"))
    folder = Path(spec.folder)
    hoard = []
    threads = os.environ["OMP_NUM_THREADS"]
    process = {"pid": os.getpid(), "threads": threads, "device": spec.device}
    yield {"kind": "start", "key": f"start at {first}", "first": first, **process}
    try:
        for step in range(first, spec.steps):
            while not any((folder / name).exists() for name in ("open", f"step {step}")):
                yield {"kind": "wait", "key": "wait", "step": step}
                yield {"kind": "tick", "progress": step / spec.steps}
                threading.Event().wait(0.02)
            total = (31 * total + step + spec.seed) % 1_000_003
            if step == 1 and spec.error:
                raise ERRORS[spec.error]("Mind the step.")
            if step >= 1 and spec.hoard:
                hoard.append(b"\1" * (spec.hoard * 1_000_000))
                if spec.hoard >= AT_ONCE:  # a long step: no event follows before the worker is killed
                    threading.Event().wait(120)
            if step == 3 and len(list(folder.glob("death *"))) < spec.deaths:
                (folder / f"death {os.getpid()}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            yield {"kind": "step", "key": f"step {step}", "total": total, "progress": (step + 1) / spec.steps}
            if step % 2:
                yield Checkpoint("the walk", json.dumps([step + 1, total]).encode())
    finally:
        (folder / "closed").touch()


def totals(steps: int, seed: int = 0) -> list[int]:
    """The totals of an undisturbed walk."""
    total, all_totals = 0, []
    for step in range(steps):
        total = (31 * total + step + seed) % 1_000_003
        all_totals.append(total)
    return all_totals


WALK = Experiment(
    name="tests.engine.jobs.slow_work:WALK",
    spec=WalkSpec,
    work=walk,
    fold=lambda spec, events: [event["total"] for event in events if event["kind"] == "step"],
    seconds=lambda spec: 1.0,
    recipe=lambda spec: Recipe((), (), "pass"),
)
