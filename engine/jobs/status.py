"""The state of a job, as people see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["unknown", "queued", "running", "done", "failed", "cancelled", "interrupted", "parked"]
"""Queued and running jobs are active. An interrupted job lost its app or its workers. A parked job made room for
another. Both resume from their checkpoints when they are submitted again, a parked one also when it is watched."""

# The share of the work that must be observed before its pace is meaningful.
ENOUGH = 0.02


@dataclass(frozen=True)
class Status:
    """The state of one job.

    progress: the share that is done, in [0, 1].
    reason: why it failed, was interrupted or waits, in a sentence for people; "" where there is nothing to say.
    waiting: how many jobs are ahead of it, running ones included; 0 unless it is queued.
    stopping: it is running and was asked to stop.
    params: the spec as a link.
    """

    key: str
    state: State = "unknown"
    progress: float = 0.0
    reason: str = ""
    waiting: int = 0
    stopping: bool = False
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")


def minutes_left(since: float, at: float, now: float, progress: float) -> float | None:
    """How much longer a running job will take, at its average pace since it was first observed.

    since, at: when that was, in seconds, and its progress then. now, progress: the same for this moment. None while too
    little was observed.
    """
    done = progress - at
    return None if done < ENOUGH else (1 - progress) * (now - since) / done / 60
