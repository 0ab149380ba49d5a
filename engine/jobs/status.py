"""The state of a job, as people see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["unknown", "queued", "running", "done", "failed", "cancelled", "interrupted", "parked"]
"""Queued and running jobs are active. An interrupted job lost its app or its workers. A parked job made room for
another. Both resume from their checkpoints when they are submitted again, a parked one also when it is watched."""


@dataclass(frozen=True)
class Status:
    """The state of one job.

    progress: the share that is done, in [0, 1].
    reason: why it failed, was interrupted or waits, in a sentence for people; "" where there is nothing to say.
    waiting: how many jobs are ahead of it, running ones included; 0 unless it is queued.
    stopping: it is running and was asked to stop.
    work, kind, params, device: the fields of its ``Order``; ``params`` is the spec as a link.
    submitted, ended: seconds since 1970; ``ended`` is 0 while it is active.
    """

    key: str
    state: State = "unknown"
    progress: float = 0.0
    reason: str = ""
    waiting: int = 0
    stopping: bool = False
    work: str = ""
    kind: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    device: str = ""
    submitted: float = 0.0
    ended: float = 0.0

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")
