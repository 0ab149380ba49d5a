"""The result of training a small model, as far as it has come."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.events import Event, latest
from engine.transformer.training_spec import LearnSpec

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """A training, built from its events. It has looked at held-out texts K times so far.

    start: the event that names the number of weights and the device. steps: [K].
    loss: cross-entropy per token, in nats, [K]. right: the share of right answers, [K]. seconds: of training, [K].
    end: why it ended early, or "". progress: the share of the training that is done, in [0, 1].
    """

    spec: LearnSpec
    start: Event
    steps: NDArray[np.int64]
    loss: Array
    right: Array
    seconds: Array
    end: str
    progress: float

    @classmethod
    def of(cls, spec: LearnSpec, events: Iterable[Event]) -> "Learned":
        """Build the result from the ``events`` that were reported so far."""
        last, progress = latest(events)
        looks = sorted((event for event in last.values() if event["kind"] == "look"), key=lambda event: event["step"])

        def column(name: str) -> Array:
            return np.array([look[name] for look in looks], dtype=float)

        return cls(
            spec,
            last.get("start", {}),
            np.array([look["step"] for look in looks], dtype=np.int64),
            column("loss"),
            column("right"),
            column("seconds"),
            str(last.get("end", {}).get("reason", "")),
            progress,
        )

    def table(self) -> pd.DataFrame:
        """One row for each look, without the seconds, which differ from run to run."""
        return pd.DataFrame({"step": self.steps, "loss": self.loss, "right": self.right})
