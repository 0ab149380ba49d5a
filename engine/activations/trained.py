"""The result of training networks that differ in their schemes, as far as it has come."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.activations.depth import BINS, REACH
from engine.activations.training_spec import TrainSpec
from engine.activations.units import names
from engine.events import Event, latest

Array = NDArray[np.float64]

LAYERED = ("silent", "flat", "moved")
"""The fields of ``Curves`` that hold a number for each layer."""


@dataclass(frozen=True)
class Curves:
    """One network in training, S seeds and K looks. Everything is NaN after a seed's early end.

    loss, right: cross-entropy and accuracy over ``EVALUATED`` training samples, [S, K].
    silent, flat: the share of silent units and of flat slopes in each layer, [S, K, depth].
    moved: log10 of ||dW|| / ||W|| of each layer for the step after the look, [S, K, depth]; NaN at the last look.
    histogram: for the first seed, the share of a layer's outputs in each of ``BINS`` intervals, [K, depth, BINS].
    ends: the reasons of early ends, one for each seed that has one.
    """

    name: str
    colour: str
    loss: Array
    right: Array
    silent: Array
    flat: Array
    moved: Array
    histogram: Array
    ends: tuple[str, ...]

    def middle(self, quantity: str) -> Array:
        """The mean over the seeds, and for a quantity of layers over the layers too, [K]; NaN where a seed ended."""
        values = np.asarray(getattr(self, quantity)).mean(0)
        return np.asarray(values.mean(-1) if quantity in LAYERED else values)

    def band(self, quantity: str) -> tuple[Array, Array]:
        """The least and the greatest value over the seeds, [K] each."""
        values = np.asarray(getattr(self, quantity))
        values = values.mean(-1) if quantity in LAYERED else values
        return values.min(0), values.max(0)


@dataclass(frozen=True)
class Trained:
    """A training of all networks of ``spec``, built from its events. It has looked at them K times so far.

    start: the event that names the data, the number of classes and the device. steps: [K].
    curves: one for each network. progress: the share of the training that is done, in [0, 1].
    """

    spec: TrainSpec
    start: Event
    steps: NDArray[np.int64]
    curves: tuple[Curves, ...]
    progress: float

    @classmethod
    def of(cls, spec: TrainSpec, events: Iterable[Event]) -> "Trained":
        """Build the result from the ``events`` that were reported so far."""
        last, progress = latest(events)
        looks = sorted((event for event in last.values() if event["kind"] == "look"), key=lambda event: event["step"])
        moved = {event["step"]: event for event in last.values() if event["kind"] == "moved"}
        ends = {event["network"]: event["reason"] for event in last.values() if event["kind"] == "end"}
        return cls(
            spec,
            last.get("start", {}),
            np.array([look["step"] for look in looks], dtype=np.int64),
            tuple(_curves(spec, number, name, looks, moved, ends) for number, name in enumerate(names(spec.schemes))),
            progress,
        )

    @property
    def middles(self) -> Array:
        """The middle of each interval of the histograms, [BINS]."""
        edges = np.linspace(-REACH, REACH, BINS + 1)
        return np.asarray((edges[1:] + edges[:-1]) / 2)

    @property
    def chance(self) -> float:
        """ln C, the loss of a guess among the classes of the data; NaN before the start is known."""
        return float(np.log(self.start.get("classes", np.nan)))

    def table(self) -> pd.DataFrame:
        """One row for each network, seed, look and layer."""
        frames = []
        depth, count = self.spec.depth, len(self.steps)
        for curves in self.curves:
            for seed in range(self.spec.seeds):
                layered = {name: getattr(curves, name)[seed].ravel() for name in LAYERED}
                frames.append(
                    pd.DataFrame({
                        "network": curves.name, "seed": seed, "step": np.repeat(self.steps, depth),
                        "layer": np.tile(np.arange(1, depth + 1), count),
                        "loss": np.repeat(curves.loss[seed], depth), "right": np.repeat(curves.right[seed], depth),
                        **layered,
                    })
                )  # fmt: skip
        return pd.concat(frames, ignore_index=True)


def _curves(
    spec: TrainSpec, number: int, name: str, looks: list[Event], moved: dict[int, Event], ends: dict[str, str]
) -> Curves:
    keys = [f"{number}/{seed}" for seed in range(spec.seeds)]
    seen = {
        key: [look.get(key, {}) | {"moved": moved.get(look["step"], {}).get(key)} for look in looks] for key in keys
    }

    def column(field: str, *shape: int) -> Array:
        found = [[_whole(each.get(field), shape) for each in seen[key]] for key in keys]
        return np.array(found, dtype=float).reshape(len(keys), len(looks), *shape)

    return Curves(
        name,
        spec.schemes[number].function(spec.formula).colour,
        column("loss"),
        column("right"),
        column("silent", spec.depth),
        column("flat", spec.depth),
        column("moved", spec.depth),
        column("histogram", spec.depth, BINS)[0],
        tuple(f"{ends[key]} (seed {place + 1})" for place, key in enumerate(keys) if key in ends),
    )


def _whole(values: object, shape: tuple[int, ...]) -> Array:
    """``values`` as an array of this shape. What is None is NaN, a whole row too."""
    found = np.full(shape, np.nan)
    if isinstance(values, list):
        for place, value in enumerate(values):
            found[place] = np.nan if value is None else value
    elif values is not None:
        found[...] = values
    return found
