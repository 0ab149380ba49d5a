"""How long work that runs will still take."""

from dataclasses import dataclass

ENOUGH = 0.02
"""The share that must be seen done before its pace says much."""


@dataclass(frozen=True)
class Pace:
    """Where work stood when it was first looked at. at: seconds on any clock. progress: the share done, in [0, 1]."""

    at: float
    progress: float

    def minutes_left(self, at: float, progress: float) -> float | None:
        """At the pace since then; None before that says much."""
        done = progress - self.progress
        if done < ENOUGH:
            return None
        return (1 - progress) * (at - self.at) / done / 60
