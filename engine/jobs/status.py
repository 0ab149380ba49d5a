"""The state of a job, as visitors see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

State = Literal["unknown", "queued", "running", "done", "failed", "cancelled", "interrupted", "parked"]
"""Queued and running jobs are active. An interrupted job lost its app or its workers. A parked job made room for
another job. Both resume from their checkpoints when they are submitted again. A parked job also resumes when a visitor
watches it."""

# The share of the work that must be observed before its pace is meaningful.
ENOUGH = 0.02


@dataclass(frozen=True)
class Status:
    """The state of one job.

    progress: the share of the work that is done, in [0, 1].
    reason: a sentence that says to the visitor why the job failed, was interrupted or waits. "" if there is none.
    waiting: how many jobs are ahead of this one, including the running jobs. 0 unless this job is queued.
    stopping: whether the job is running and was asked to stop.
    params: the spec as the parameters of a link.
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
    """The minutes until a running job ends, at its average pace since it was first observed.

    since, at: the time of the first observation, in seconds, and the progress at that time. now, progress: the present
    time and progress. Returns None until enough progress has been observed.
    """
    done = progress - at
    return None if done < ENOUGH else (1 - progress) * (now - since) / done / 60
