"""How much longer a running job will take."""

from dataclasses import dataclass

ENOUGH = 0.02
"""The share of the work that must be observed before its pace is meaningful."""


@dataclass(frozen=True)
class Pace:
    """The state of a job when it was first observed. at: seconds on any clock. progress: the share done, in [0, 1]."""

    at: float
    progress: float

    def minutes_left(self, at: float, progress: float) -> float | None:
        """The time left at the average pace since then; None while too little was observed."""
        done = progress - self.progress
        if done < ENOUGH:
            return None
        return (1 - progress) * (at - self.at) / done / 60
