"""The result of a race, which may still run."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data import DRAWN
from engine.events import Event, latest
from engine.optimizers.labels import labels
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.spec import RaceSpec

SIDE = 28


@dataclass(frozen=True)
class Race:
    """The result of a race so far, computed from its events.

    start: the event with the device and the data. costs: lane -> flops of a step, bytes of state and peak.
    points: a row for each lane, seed and epoch: step, seconds, flops, gradient-equivalents, the losses.
    layers: a row for each lane, seed, epoch and layer: the quantities of ``LAYER_QUANTITIES``.
    pictures: (lane, epoch) -> reconstructions of ``shown`` on the first seed, uint8 [12, 28, 28].
    ends: (lane, seed) -> why it stopped early. progress: the finished share of the race, in [0, 1].
    """

    spec: RaceSpec
    start: dict[str, Any]
    costs: dict[int, dict[str, float]]
    points: pd.DataFrame
    layers: pd.DataFrame
    pictures: dict[tuple[int, int], NDArray[np.uint8]]
    ends: dict[tuple[int, int], str]
    progress: float

    @classmethod
    def of(cls, spec: RaceSpec, events: Iterable[Event]) -> "Race":
        """The race that reported ``events`` so far."""
        last, progress = latest(events)
        kinds: dict[str, list[Event]] = {kind: [] for kind in ("start", "cost", "point", "end")}
        for event in last.values():
            kinds[event["kind"]].append(event)
        start = kinds["start"][0] if kinds["start"] else {}
        costs = {event["lane"]: {name: event[name] for name in ("flops", "state", "peak")} for event in kinds["cost"]}
        points = sorted(kinds["point"], key=lambda event: (event["seed"], event["lane"], event["epoch"]))
        ends = {(event["lane"], event["seed"]): event["reason"] for event in kinds["end"]}
        pictures = {
            (event["lane"], event["epoch"]): _pixels(event["pictures"]) for event in points if event["pictures"]
        }
        finished = {(event["lane"], event["seed"]) for event in points if event["epoch"] == spec.epochs} | ends.keys()
        if len(finished) == len(spec.lanes) * spec.seeds:
            progress = 1.0
        return cls(spec, start, costs, _points(start, costs, points), _layers(points), pictures, ends, progress)

    @property
    def names(self) -> list[str]:
        """A distinct name for each lane."""
        return labels(self.spec.lanes)

    @property
    def shown(self) -> NDArray[np.uint8]:
        """The test images that are reconstructed, uint8 [12, 28, 28]. Empty before the race has begun."""
        return _pixels(self.start.get("shown", ""))

    @property
    def epochs(self) -> int:
        """The last epoch that any lane has finished."""
        return int(self.points["epoch"].max()) if len(self.points) else 0

    @cached_property
    def compared(self) -> pd.DataFrame:
        """The points of all seeds on which every lane has finished. While there is none, those of the first seed."""
        reached = self.points.groupby(["seed", "lane"])["epoch"].max()

        def finished(seed: int) -> bool:
            return all(
                (lane, seed) in self.ends or reached.get((seed, lane)) == self.spec.epochs
                for lane in range(len(self.spec.lanes))
            )

        seeds = [seed for seed in self.points["seed"].unique() if finished(seed)] or [self.spec.seed]
        return self.points[self.points["seed"].isin(seeds)]

    def curve(self, lane: int, axis: str, quantity: str) -> pd.DataFrame:
        """A lane's ``quantity``, with one row for each epoch that it finished on all compared seeds.

        The index is the epoch. x: the mean of ``axis`` over the seeds. low, mean, high: the least, mean and greatest
        value of the quantity over the seeds.
        """
        seeds = self.compared[self.compared["lane"] == lane].groupby("epoch")
        values = seeds[quantity]
        curve = pd.DataFrame(
            {"x": seeds[axis].mean(), "low": values.min(), "mean": values.mean(), "high": values.max()}
        )
        return curve[values.size() == self.compared["seed"].nunique()]

    def frames(self, lane: int, axis: str) -> dict[float, NDArray[np.uint8]]:
        """Place on ``axis`` in the curves -> a lane's reconstructions there, on the first seed."""
        x = self.places(lane, axis)
        return {
            float(x[epoch]): shown for (number, epoch), shown in self.pictures.items() if number == lane and epoch in x
        }

    def captions(self, lane: int, axis: str) -> dict[float, str]:
        """Place on ``axis`` -> a lane's train loss on the first seed, as a caption of its reconstructions."""
        x = self.places(lane, axis)
        own = self.points[(self.points["lane"] == lane) & (self.points["seed"] == self.spec.seed)]
        points = zip(own["epoch"], own["train_loss"], strict=True)
        return {float(x[epoch]): f"{loss:.1f}" for epoch, loss in points if epoch in x}

    def places(self, lane: int, axis: str) -> pd.Series:
        """Epoch -> the place on ``axis`` where a lane's curve has finished this epoch."""
        return self.curve(lane, axis, "train_loss")["x"]

    def diagnostics(self, lane: int, quantity: str) -> pd.DataFrame:
        """A ``quantity`` of ``LAYER_QUANTITIES`` on the first seed.

        It has a row for each epoch of the lane's curves, and a column for each layer.
        """
        own = self.layers[(self.layers["lane"] == lane) & (self.layers["seed"] == self.spec.seed)]
        own = own[own["epoch"].isin(self.places(lane, "epoch").index)]
        return own.pivot(index="epoch", columns="layer", values=quantity)

    @property
    def ran(self) -> RaceSpec:
        """The race that gave these numbers. Its data are drawn images if the chosen images were not available."""
        return self.spec.but(data=DRAWN) if self.start["notice"] else self.spec

    def table(self) -> pd.DataFrame:
        """``points`` with the lanes' names and, in bytes, their optimizers' ``state`` and ``peak`` of memory.

        One row for each lane, seed and epoch.
        """
        table = self.points.assign(lane=[self.names[lane] for lane in self.points["lane"]])
        for part in ("state", "peak"):
            table[part] = [self.costs.get(lane, {}).get(part) for lane in self.points["lane"]]
        return table


def _points(start: dict[str, Any], costs: dict[int, dict[str, float]], events: list[Event]) -> pd.DataFrame:
    names = (
        "lane", "seed", "epoch", "step", "seconds", "flops", "gradients",
        "train_loss", "test_loss", "train_error", "test_error",
    )  # fmt: skip
    rows = []
    for event in events:
        flops = event["step"] * costs.get(event["lane"], {}).get("flops", float("nan"))
        rows.append(event | {"flops": flops, "gradients": flops / start.get("gradient", float("nan"))})
    return pd.DataFrame([[row[name] for name in names] for row in rows], columns=list(names))


def _layers(events: list[Event]) -> pd.DataFrame:
    rows = [
        [event["lane"], event["seed"], event["epoch"], layer, *values]
        for event in events
        if event["layers"]
        for layer, values in enumerate(zip(*(event["layers"][name] for name in LAYER_QUANTITIES), strict=True), 1)
    ]
    return pd.DataFrame(rows, columns=["lane", "seed", "epoch", "layer", *LAYER_QUANTITIES])


def _pixels(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, SIDE, SIDE)
