"""The code that runs on a worker: one attempt at a job.

It sends these messages in order, under the attempt's topic: ``{"start": worker}``, ``{"n": number, "event": JSON}``,
``{"kept": bytes}`` when it has sent the job's files to the app, and ``{"end": state, "reason": text}``.

The worker of the app's own cluster writes the files in the app's folder. A worker of an outside cluster writes them in
a folder for temporary files and sends them to the app, all at once, in a ``distributed.Variable``, which holds only the
latest copy. It sends them at most once per ``Limits.checkpoint_every`` seconds, and when it stops. The app starts from
that copy, and so does any other worker that continues the job.
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
from engine.experiment import Experiment
from engine.jobs.checkpoint_files import CheckpointFiles
from engine.jobs.order import Limits, Order, named, topic
from engine.jobs.version import version
from engine.spec import decode

# A job ends when it fills this share of its worker's memory. Dask would kill the worker at 0.95.
FULL = 0.9

# Seconds within which a scheduler must answer with data that it already holds.
AT_ONCE = 1

logger = logging.getLogger(__name__)


def work_on(order: Order, attempt: str, limits: Limits, place: str | None) -> None:
    """Make one attempt at a job.

    place: the folder with the files of all jobs. None on an outside cluster. Then the files are written in a
        temporary folder and sent to the app.
    """
    from distributed import Event, Variable, get_client, get_worker

    name = topic(order.key, attempt)
    worker, client = get_worker(), get_client()
    send = partial(worker.log_event, name)
    copy, sent_before = None, None
    if place is None:
        copy = Variable(name, client)
        try:
            sent_before = copy.get(timeout=AT_ONCE)
        except TimeoutError:
            return  # the app has left this attempt, and Dask repeats it because its worker died
        if any(message and "end" in message for _, message in client.get_events(name)):
            return  # the attempt ended while the app connected again, so Dask had forgotten it and repeats it
    send({"start": worker.address})
    files = CheckpointFiles(Path(place) / order.key if place else temporary_folder() / name)

    def send_files() -> None:
        if copy:  # otherwise the app shares the folder
            copy.set(files.files())
            send({"kept": files.bytes()})

    try:
        if sent_before is not None:
            files.take(sent_before)
        end, reason = _run(order, attempt, limits, files, send, send_files, Event(name, client).is_set)
        send_files()
        if copy:
            files.remove()
    except Exception as error:
        logger.exception("Job %s failed", order.key)
        end, reason = "failed", describe(error)
    send({"end": end, "reason": reason})


def _run(
    order: Order,
    attempt: str,
    limits: Limits,
    files: CheckpointFiles,
    send: Callable[[dict[str, Any]], None],
    send_files: Callable[[], None],
    stopped: Callable[[], bool],
) -> tuple[str, str]:
    """Run the generator. Returns how it ended and why: "done", "failed", "stopped", or "turn" if its turn is over."""
    if stopped():
        return "stopped", ""
    experiment = _experiment(order)
    if experiment is None:
        return "failed", "The worker has another version of the engine than the app. Both must be restarted."
    if (deaths := files.begin(attempt)) > limits.deaths:
        return "failed", f"The worker died {deaths} times during this run, perhaps because memory ran out."
    spec, problems = decode(named(order.kind), order.params)
    if problems:
        return "failed", " ".join(problems)
    if "device" in type(spec).model_fields:
        spec = spec.but(device=order.device)  # the app resolved "auto" to this device
    for number, text in files.mend():  # some of them may not have arrived
        send({"n": number, "event": text})
    started = sent = time.monotonic()
    assert experiment.work is not None
    items: Any = experiment.work(spec, files.states())
    with closing(items):
        for item in items:
            if isinstance(item, Checkpoint):
                files.keep(item)
                if time.monotonic() - started > limits.turn:  # at a checkpoint, where no work is lost
                    return "turn", ""
                if time.monotonic() - sent >= limits.checkpoint_every:
                    send_files()
                    sent = time.monotonic()
            else:
                text = json.dumps(item)
                send({"n": files.add(text) if "key" in item else files.number(), "event": text})
            if files.count > limits.events or files.size > limits.event_bytes:
                return "failed", f"It sent more than a job may send: {files.count:,} events with {files.size:,} bytes."
            if full := _full_memory():
                return "failed", full
            if stopped():
                return "stopped", ""
    return "done", ""


def _experiment(order: Order) -> Experiment[Any, Any] | None:
    """The experiment that was ordered. None if the code of this worker computes other numbers than that of the app."""
    try:
        experiment: Experiment[Any, Any] = named(order.work)
    except (ImportError, AttributeError):
        return None
    return experiment if version(experiment) == order.version else None


def _full_memory() -> str:
    """A sentence for the visitor if the worker's memory is almost full, otherwise ""."""
    from distributed import get_worker

    worker = get_worker()
    used, limit = worker.monitor.get_process_memory(), worker.memory_manager.memory_limit
    if limit and used > FULL * limit:
        return f"It ran out of memory: {used / 1e9:.1f} of {limit / 1e9:.1f} GB were used."
    return ""


def temporary_folder() -> Path:
    """This user's folder for the files of jobs. Raises PermissionError if another user made it."""
    folder = Path(tempfile.gettempdir()) / f"gradient-lab-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def describe(error: Exception) -> str:
    """Describe an error: by its text if the engine raised it or it is a ValueError, otherwise by its type and text."""
    if out_of_memory(error):
        return "It ran out of memory."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The disk is full. The last checkpoint is kept. The run can continue when there is space again."
    if isinstance(error, ValueError) or type(error).__module__.partition(".")[0] == "engine":
        return str(error)
    return f"{type(error).__name__}: {error}"
