"""What a worker receives: the order for one job, and the limits that the job must not exceed."""

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

    per_visitor, in_all: the most queued and running jobs of one visitor, and of all visitors together.
    events, event_bytes: the most events that one job may store, and their greatest total length as JSON. Replaced
        events count too.
    turn: seconds that a job runs. At its next checkpoint after that, it goes to the end of the queue. The app starts
        each turn, also on an outside cluster. While the app is closed, a job there finishes its turn and then waits.
    deaths: how many times a worker may die while it runs a job. After each of these deaths the job is tried again.
    checkpoint_every: seconds between two copies of a job's files that a worker of an outside cluster sends to the app.
    unwatched: seconds after which a job that nobody watches can be parked. It makes room for a queued job, or for a new
        one that would be refused.
    kept_bytes: the greatest total size of the jobs that are stored and not active.
    folded_bytes: the greatest total length, as JSON, of the events whose results are held in memory.
    threads: the threads of the app's own worker. The owner of an outside worker sets the number of threads there
        (``OMP_NUM_THREADS``).
    memory: the memory of the app's own worker, as a share of the machine's memory.
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
    """Raised if a job is refused. The message is shown to the visitor."""


@dataclass(frozen=True)
class Order:
    """One job, described in plain text, so that it can be sent to another process.

    work: the name of an experiment, such as "engine.race.experiments:RACE".
    kind: where the spec's class is defined, "package.module:Name".
    params: the spec as the parameters of a link.
    device: the device that the job runs on, such as "cpu". Numbers differ between devices.
    version: the version of the experiment's computation. See ``engine.jobs.version``.
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
        """The job's name. It is the same for everyone who orders the same numbers."""
        parts = [self.work, self.kind, sorted(self.params.items()), self.device, self.version]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def named(path: str) -> Any:
    """The object at ``path``, "package.module:name". Raises ImportError or AttributeError if there is none."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def topic(key: str, attempt: str) -> str:
    """The name of one attempt at a job. The cluster uses it for the task, its messages, its stop event and its files.

    attempt: a name that no other attempt has, not even an attempt of another app, or of an app that lost its store.
    """
    return f"gradient-lab-{key}-{attempt}"
