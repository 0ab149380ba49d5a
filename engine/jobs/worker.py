"""What runs on a worker: one attempt at a job.

It tells what happens under the attempt's topic, in order: ``{"start": worker}``, ``{"n": number, "event": JSON}``,
``{"kept": bytes}`` when the job's files were sent up, ``{"end": state, "reason": text}``.

The files lie beside the worker, in the app's folder on its own cluster and else in a folder for temporary files. Only
an outside worker sends them up, all at once, by a ``distributed.Variable``, which holds nothing but the latest: at most
once in ``Limits.checkpoint_every`` and when it stops. The app and any other worker that takes over go on from there.
"""

# mypy: untyped-calls-exclude="distributed"

import errno
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from engine.events import Checkpoint, out_of_memory
from engine.jobs.order import Limits, Order, engine_version, named, topic
from engine.jobs.shelf import Shelf
from engine.spec import decode

FULL = 0.9
"""Share of a worker's memory at which its job is ended; Dask ends the worker at 0.95."""

AT_ONCE = 1
"""Seconds that a scheduler has for what it already holds."""

logger = logging.getLogger(__name__)


def work_on(order: Order, attempt: str, limits: Limits, place: str | None) -> None:
    """Make one attempt. ``place``: the folder of all jobs' files; None has it chosen here and the files sent up."""
    from distributed import Event, Variable, get_client, get_worker

    name = topic(order.key, attempt)
    worker, client = get_worker(), get_client()
    tell = partial(worker.log_event, name)
    copy, files = None, None
    if place is None:
        copy = Variable(name, client)
        try:
            files = copy.get(timeout=AT_ONCE)
        except TimeoutError:
            return  # the app has left this attempt; Dask repeats what a worker held that died
    tell({"start": worker.address})
    shelf = Shelf(Path(place) / order.key if place else beside() / name)
    send_up = partial(_send_up, shelf, copy, tell)
    try:
        if files is not None:
            shelf.take(files)
        end, reason = _run(order, attempt, limits, shelf, tell, send_up, Event(name, client).is_set)
        send_up()
        if copy:
            shelf.remove()
    except Exception as error:
        logger.exception("Job %s failed", order.key)
        end, reason = "failed", in_words(error)
    tell({"end": end, "reason": reason})


def _run(
    order: Order,
    attempt: str,
    limits: Limits,
    shelf: Shelf,
    tell: Callable[[dict[str, Any]], None],
    send_up: Callable[[], None],
    stopped: Callable[[], bool],
) -> tuple[str, str]:
    """Drive the generator. Returns how it ended ("done", "failed", "stopped" or "turn", whose turn is over) and the
    reason."""
    if stopped():
        return "stopped", ""
    if order.version != engine_version():
        return "failed", "The worker has another version of the engine than the app. Both must be started anew."
    if (deaths := shelf.begin(attempt)) > limits.deaths:
        return "failed", f"The worker died {deaths} times while it ran this, perhaps for want of memory."
    spec, problems = decode(named(order.kind), order.params)
    if problems:
        return "failed", " ".join(problems)
    if "device" in type(spec).model_fields:
        spec = spec.but(device=order.device)  # what "auto" was for the app: the job is kept under that name
    shelf.mend()
    size = 0
    for number, text in shelf.events():  # some may have been lost on their way
        size += len(text)
        tell({"n": number, "event": text})
    started = sent = time.monotonic()
    with closing(named(order.work).work(spec, shelf.states())) as items:
        for item in items:
            if isinstance(item, Checkpoint):
                shelf.keep(item)
                if time.monotonic() - started > limits.turn:  # here, where nothing is lost by it
                    return "turn", ""
                if time.monotonic() - sent >= limits.checkpoint_every:
                    send_up()
                    sent = time.monotonic()
            elif "key" in item:
                text = json.dumps(item)
                size += len(text)
                tell({"n": shelf.add(text), "event": text})
            else:
                tell({"n": shelf.number(), "event": json.dumps(item)})
            if shelf.count > limits.events or size > limits.event_bytes:
                return "failed", f"It told more than one job may: {shelf.count:,} events of {size:,} bytes."
            if full := _full_memory():
                return "failed", full
            if stopped():
                return "stopped", ""
    return "done", ""


def _send_up(shelf: Shelf, copy: Any, tell: Callable[[dict[str, Any]], None]) -> None:
    """Put the files where the app and other workers find them; ``copy`` is a Variable, or None where they see them."""
    if copy is not None:
        copy.set(shelf.files())
        tell({"kept": shelf.bytes()})


def _full_memory() -> str:
    """A sentence where the worker's memory is nearly used up, else ""."""
    from distributed import get_worker

    worker = get_worker()
    used, limit = worker.monitor.get_process_memory(), worker.memory_manager.memory_limit
    if limit and used > FULL * limit:
        return f"It ran out of memory: {used / 1e9:.1f} of {limit / 1e9:.1f} GB were used."
    return ""


def beside() -> Path:
    """This user's folder for the files of jobs. Raises PermissionError where somebody else has made it."""
    folder = Path(tempfile.gettempdir()) / f"gradient-lab-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def in_words(error: Exception) -> str:
    """What people are told: the text of what the engine raised, or of a ValueError; of anything else the type too."""
    if out_of_memory(error):
        return "It ran out of memory."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full. All up to the last checkpoint is kept, to go on from when there is room."
    if isinstance(error, ValueError) or type(error).__module__.partition(".")[0] == "engine":
        return str(error)
    return f"{type(error).__name__}: {error}"
