"""What a worker receives: the order for one job, and the limits that the job must keep."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

from engine.experiment import Experiment, S
from engine.jobs.version import version
from engine.spec import encode


@dataclass(frozen=True)
class Limits:
    """Quotas of the app, and limits of each job.

    per_visitor, in_all: queued and running jobs of one visitor, and of all together.
    events, event_bytes: how many events one job may store, and their length as JSON, replaced events included.
    turn: seconds that a job runs before it goes, at its next checkpoint, to the end of the queue. The app grants each
        turn, also on an outside cluster: while the app is closed, a job finishes its turn there and waits.
    deaths: how many times a worker may die while it runs a job; after each death the job is tried again.
    checkpoint_every: seconds between two copies of a job's files that a worker of an outside cluster sends to the app.
    unwatched: seconds after which a job that nobody watches can be parked for one that waits or finds no place.
    kept_bytes: total size of the jobs that are stored and not active.
    folded_bytes: total length, as JSON, of the events whose results are held in memory.
    threads: of the app's own worker. The owner of an outside worker sets its threads (``OMP_NUM_THREADS``).
    memory: of the app's own worker, as a share of the machine's memory.
    """

    per_visitor: int = 2
    in_all: int = 8
    events: int = 100_000
    event_bytes: int = 64_000_000
    turn: float = 900
    deaths: int = 3
    checkpoint_every: float = 10
    unwatched: float = 60
    kept_bytes: int = 500_000_000
    folded_bytes: int = 64_000_000
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    memory: float = 0.8


class QuotaExceeded(Exception):
    """A job was refused. The message is for the visitor."""


@dataclass(frozen=True)
class Order:
    """One job, described in plain text, so that it can be sent to another process.

    work: the name of an experiment, such as "engine.race.experiments:RACE".
    kind: where the spec's class stands, "package.module:Name".
    params: the spec as a link.
    device: the device found for it, such as "cpu"; numbers differ between devices.
    version: of what the experiment computes.
    """

    work: str
    kind: str
    params: Mapping[str, str]
    device: str
    version: str

    @classmethod
    def of(cls, experiment: Experiment[S, Any], spec: S, device: str) -> "Order":
        kind = type(spec)
        return cls(experiment.name, f"{kind.__module__}:{kind.__qualname__}", encode(spec), device, version(experiment))

    @cached_property
    def key(self) -> str:
        """The job's name, the same for everyone who orders the same numbers."""
        parts = [self.work, self.kind, sorted(self.params.items()), self.device, self.version]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def named(path: str) -> Any:
    """The object at ``path``, "package.module:name". Raises ImportError or AttributeError where there is none."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def topic(key: str, attempt: str) -> str:
    """The name on the cluster of one attempt at a job: of its task, its messages, its stop event and its files.

    attempt: a name that no other attempt has, not even one of another app or of an app that lost its memory.
    """
    return f"gradient-lab-{key}-{attempt}"
