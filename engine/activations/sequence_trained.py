"""The result of training convolutional or recurrent networks, as far as it has come."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.activations.sequence_spec import SequenceSpec
from engine.activations.units import names
from engine.data.mnist1d import DIGIT_SHAPES
from engine.events import Event, latest

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Learned:
    """One network in training, S seeds and K looks. Everything is NaN after a seed's early end.

    loss, right: cross-entropy and accuracy over ``HELD_OUT`` signals that no step sees, [S, K].
    tested: the accuracy over ``TESTED`` further signals after the last step, [S]; NaN before.
    size: the root mean square of each layer's outputs before the training, [S, depth].
    ends: the reasons of early ends, one for each seed that has one.
    """

    name: str
    colour: str
    loss: Numbers
    right: Numbers
    tested: Numbers
    size: Numbers
    ends: tuple[str, ...]

    def middle(self, quantity: str) -> Numbers:
        """The mean over the seeds, [K]; NaN where a seed ended."""
        return np.asarray(np.asarray(getattr(self, quantity)).mean(0))

    def band(self, quantity: str) -> tuple[Numbers, Numbers]:
        """The least and the greatest value over the seeds, [K] each."""
        values = np.asarray(getattr(self, quantity))
        return values.min(0), values.max(0)


def short_names(spec: SequenceSpec) -> list[str]:
    """The networks' names, without the initialization if it is the same for all and they differ without it."""
    whole = names(spec.learners)
    first, rest = zip(*(name.partition(" · ")[::2] for name in whole), strict=True)
    return list(first) if len(set(rest)) == 1 and len(set(first)) == len(first) else whole


@dataclass(frozen=True)
class SequenceTrained:
    """A training of all networks of ``spec``, built from its events. It has looked at them K times so far.

    steps: [K]. curves: one for each network. progress: the share of the training that is done, in [0, 1].
    """

    spec: SequenceSpec
    start: Event
    steps: NDArray[np.int64]
    curves: tuple[Learned, ...]
    progress: float

    @classmethod
    def of(cls, spec: SequenceSpec, events: Iterable[Event]) -> "SequenceTrained":
        """Build the result from the ``events`` that were reported so far."""
        last, progress = latest(events)
        looks = sorted((event for event in last.values() if event["kind"] == "look"), key=lambda event: event["step"])
        start, test = last.get("start", {}), last.get("test", {})
        curves = []
        for number, (name, scheme) in enumerate(zip(short_names(spec), spec.learners, strict=True)):
            keys = [f"{number}/{seed}" for seed in range(spec.seeds)]
            pairs = np.array([[look.get(key, [np.nan, np.nan]) for look in looks] for key in keys], dtype=float)
            pairs = pairs.reshape(len(keys), len(looks), 2)
            ends = ((place, last.get(f"end/{key}")) for place, key in enumerate(keys, 1))
            curves.append(
                Learned(
                    name,
                    scheme.function(spec.formula).colour,
                    pairs[..., 0],
                    pairs[..., 1],
                    np.array([test.get(key, np.nan) for key in keys], dtype=float),
                    np.array([start.get(key, [np.nan] * spec.depth) for key in keys], dtype=float),
                    tuple(f"{event['reason']} (seed {place})" for place, event in ends if event),
                )
            )
        steps = np.array([look["step"] for look in looks], dtype=np.int64)
        return cls(spec, start, steps, tuple(curves), progress)

    @property
    def chance(self) -> float:
        """ln C, the loss of a guess among the classes."""
        return float(np.log(len(DIGIT_SHAPES)))

    def finding(self) -> str:
        """What each network has learned so far, in a sentence."""
        if not len(self.steps):
            return ""
        said = [
            f"{curves.name} " + ("stopped early" if np.isnan(right) else f"gets {right:.0%}")
            for curves, right in zip(self.curves, (curves.middle("right")[-1] for curves in self.curves), strict=True)
        ]
        return f"After {self.steps[-1]:,} steps, of the signals that no step sees: {'; '.join(said)} right."

    def table(self) -> pd.DataFrame:
        """One row for each network, seed and look. tested: the accuracy at the end."""
        frames = [
            pd.DataFrame({
                "network": curves.name, "seed": seed, "step": self.steps, "loss": curves.loss[seed],
                "right": curves.right[seed], "tested": curves.tested[seed],
            })
            for curves in self.curves
            for seed in range(self.spec.seeds)
        ]  # fmt: skip
        return pd.concat(frames, ignore_index=True)
