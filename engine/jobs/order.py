"""What a worker is told: the order for one job, and the limits it is held to."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine.experiment import Experiment, S
from engine.spec import encode


@dataclass(frozen=True)
class Limits:
    """Quotas of the app, and of each job.

    per_visitor, in_all: jobs queued or running, those that one visitor started and all.
    events, event_bytes: what one job may tell to be kept, as JSON and with the events that later ones replaced.
    turn: seconds that a job runs before it goes, at its next checkpoint, to the end of the queue. On an outside cluster
        too it is the app that gives the next turn: while the app is away, a job ends its turn and waits.
    deaths: times that a worker may die of a job; it is tried again after each.
    checkpoint_every: seconds between two copies of a job's checkpoints that an outside cluster is sent.
    unwatched: seconds after which a job that nobody watches gives way to one that waits, or that finds no place.
    kept_bytes: size of the jobs that are kept and neither queued nor running.
    threads: of the app's own worker; an outside worker's are its owner's to set (``OMP_NUM_THREADS``).
    memory: of the app's own worker, as a share of the machine's.
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
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    memory: float = 0.8


class QuotaExceeded(Exception):
    """A job was not taken; the message is for the visitor."""


@dataclass(frozen=True)
class Order:
    """One job's work, in words that travel.

    work: the name of an experiment, such as "engine.race.experiments:RACE".
    kind: dotted path of the spec's class.
    params: the spec as a link.
    device: the device found for it, such as "cpu"; numbers differ between devices.
    version: of the engine that is to run it.
    """

    work: str
    kind: str
    params: Mapping[str, str]
    device: str
    version: str

    @classmethod
    def of(cls, experiment: Experiment[S, Any], spec: S, device: str) -> "Order":
        kind = type(spec)
        return cls(experiment.name, f"{kind.__module__}:{kind.__qualname__}", encode(spec), device, engine_version())

    @cached_property
    def key(self) -> str:
        """The job's name, the same for everyone who orders the same numbers."""
        parts = [self.work, self.kind, sorted(self.params.items()), self.device, self.version]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


@cache
def engine_version() -> str:
    """A hash of the engine's source and of the packages that compute: where it is the same, so are the numbers."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(" ".join(map(version, ("torch", "pytorch-optimizer", "numpy"))).encode())
    for path in sorted(root.rglob("*.py")):
        digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def named(path: str) -> Any:
    """What stands at ``path``, "package.module:name"."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)


def topic(key: str, attempt: str) -> str:
    """What one attempt at a job is called on the cluster: its task, what it tells, its stop sign and its files.

    attempt: a name that no other attempt has, those of another app or of one that lost its memory included.
    """
    return f"gradient-lab-{key}-{attempt}"
