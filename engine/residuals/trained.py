"""The results of training the twins: ``Training`` for one training so far, ``Sweep`` for several depths."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.events import Event, latest
from engine.residuals.paths import Array
from engine.residuals.spec import TrainingSpec
from engine.signals.flow import TWINS


@dataclass(frozen=True)
class Training:
    """A training of both twins, built from its events. It has recorded the twins K times so far, once per "look".

    start: the event that names the device and the data. steps: the number of steps taken before each look, [K].
    loss, right: twin -> cross-entropy and accuracy over ``EVALUATED`` training samples, [K]; NaN after the twin's
        end.
    gradient: twin -> ||dL/dW_l|| over the first ``PROBE`` of these samples, [K, depth]; NaN after the twin's end.
    shortcut, lengths, mean_length: the values of the residual twin's ``Highway`` at each look, [K, spans],
        [K, spans + 1] and [K, spans + 1]. The lengths are those at the stem.
    ends: twin -> the reason why it stopped early. progress: the share of the training that is done, in [0, 1].
    """

    spec: TrainingSpec
    start: Event
    steps: NDArray[np.int64]
    loss: dict[str, Array]
    right: dict[str, Array]
    gradient: dict[str, Array]
    shortcut: Array
    lengths: Array
    mean_length: Array
    ends: dict[str, str]
    progress: float

    @classmethod
    def of(cls, spec: TrainingSpec, events: Iterable[Event]) -> "Training":
        """Build the training from the ``events`` that it has reported so far."""
        last, progress = latest(events)
        looks = sorted((event for event in last.values() if event["kind"] == "look"), key=lambda event: event["step"])
        spans = len(spec.spans())
        highways = [look.get("highway", {}) for look in looks]
        return cls(
            spec,
            last.get("start", {}),
            np.array([look["step"] for look in looks], dtype=np.int64),
            {twin: _column([look.get(twin, {}) for look in looks], "loss", ()) for twin in TWINS},
            {twin: _column([look.get(twin, {}) for look in looks], "right", ()) for twin in TWINS},
            {twin: _column([look.get(twin, {}) for look in looks], "gradient", (spec.depth,)) for twin in TWINS},
            _column(highways, "shortcut", (spans,)),
            _column(highways, "lengths", (spans + 1,)),
            _column(highways, "mean_length", (spans + 1,)),
            {event["twin"]: event["reason"] for event in last.values() if event["kind"] == "end"},
            progress,
        )

    def carried(self) -> Array:
        """The share of the gradient that came along a shortcut: the mean over all shortcuts, [K]."""
        return np.asarray(self.shortcut.mean(axis=1))

    def carried_last(self) -> float:
        """The value of ``carried`` at the last look where it is finite; NaN if it never is."""
        carried = self.carried()
        return float(([np.nan, *carried[np.isfinite(carried)]])[-1])

    def table(self) -> pd.DataFrame:
        """One row for each look, twin and layer.

        In the residual twin's rows, "shortcut" is the share of the shortcut that spans the layer.
        """
        over = np.repeat(np.arange(len(self.spec.spans())), self.spec.spans())
        return pd.concat([
            pd.DataFrame({
                "step": np.repeat(self.steps, self.spec.depth), "twin": twin,
                "layer": np.tile(np.arange(1, self.spec.depth + 1), len(self.steps)),
                "loss": np.repeat(self.loss[twin], self.spec.depth),
                "right": np.repeat(self.right[twin], self.spec.depth),
                "weight_gradient": self.gradient[twin].ravel(),
                "shortcut": self.shortcut[:, over].ravel() if twin == "residual" else np.nan,
            })
            for twin in TWINS
        ], ignore_index=True)  # fmt: skip


@dataclass(frozen=True)
class Sweep:
    """The loss and the accuracy of both twins after training, for each depth.

    depths: [K], rising. loss, right: twin -> cross-entropy and accuracy over all training samples, [K]; NaN if the
        twin diverged.
    """

    spec: TrainingSpec
    start: Event
    depths: NDArray[np.int64]
    loss: dict[str, Array]
    right: dict[str, Array]
    progress: float

    @classmethod
    def of(cls, spec: TrainingSpec, events: Iterable[Event]) -> "Sweep":
        """Build the sweep from the ``events`` that it has reported so far."""
        last, progress = latest(events)
        ends = sorted((event for event in last.values() if event["kind"] == "depth"), key=lambda event: event["depth"])
        by_twin = {twin: [end[twin] or {} for end in ends] for twin in TWINS}
        return cls(
            spec,
            last.get("start", {}),
            np.array([end["depth"] for end in ends], dtype=np.int64),
            {twin: _column(by_twin[twin], "loss", ()) for twin in TWINS},
            {twin: _column(by_twin[twin], "right", ()) for twin in TWINS},
            progress,
        )

    def table(self) -> pd.DataFrame:
        """One row for each twin and depth."""
        frames = [
            pd.DataFrame({"twin": twin, "depth": self.depths, "loss": self.loss[twin], "right": self.right[twin]})
            for twin in TWINS
        ]
        return pd.concat(frames, ignore_index=True)


def _column(rows: list[Event], name: str, shape: tuple[int, ...]) -> Array:
    """The value ``name`` of each row, [len(rows), *shape]; NaN if a row has no such value."""
    absent = np.full(shape, np.nan)
    return np.array([row.get(name, absent) for row in rows], dtype=float).reshape(len(rows), *shape)
