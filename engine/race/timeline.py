"""The duration of a LocoProp step with its layers one after another, and with its layers in parallel."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

import pandas as pd

Kind = Literal["forward", "backward", "local"]

ARRANGEMENTS = ("one after another", "in parallel")


@dataclass(frozen=True)
class Timeline:
    """The tasks of one LocoProp step and their costs.

    tasks: one row for each task: arrangement (of ``ARRANGEMENTS``), layer (from 1), kind, start and length in FLOP.
    gradient: FLOP of the batch's loss and its gradient, the unit of gradient-equivalents.
    totals: arrangement -> FLOP from the first task's start to the last one's end.
    """

    units: tuple[int, ...]
    steps: int
    tasks: pd.DataFrame
    gradient: float
    totals: Mapping[str, float]

    @property
    def speedup(self) -> float:
        """The factor by which a step is faster with parallel layers, without the time for communication."""
        return self.totals["one after another"] / self.totals["in parallel"]

    def table(self) -> pd.DataFrame:
        """``tasks`` with two more columns: start and length in gradient-equivalents."""
        return self.tasks.assign(
            start_gradients=self.tasks["start"] / self.gradient, length_gradients=self.tasks["length"] / self.gradient
        )


def timeline(units: list[int], batch: int, steps: int) -> Timeline:
    """The schedule of a LocoProp step with ``steps`` local steps on a network of ``units``, input and output included.

    A product of [N, in] and [in, out] takes 2 N in out FLOP; elementwise work is not counted. Every layer has one
    forward pass; every layer but the first has one pass back to its input. Each layer then solves its problem with T
    weight gradients and T - 1 forward passes of its own. In parallel, each layer has a processor of its own, as fast as
    the single one, and all start when the last slope is known. Raises ValueError if there is no layer or no step.
    """
    if len(units) < 2 or steps < 1:
        raise ValueError(f"at least one layer and one local step; got units {units} and {steps} steps")
    products = [2.0 * batch * inputs * outputs for inputs, outputs in pairwise(units)]
    layers = range(1, len(units))
    passes: list[tuple[int, Kind]] = [(layer, "forward") for layer in layers]
    passes += [(layer, "backward") for layer in reversed(layers) if layer > 1]
    rows: list[tuple[str, int, Kind, float, float]] = []
    totals = {}
    for arrangement in ARRANGEMENTS:
        now = 0.0
        for layer, kind in passes:
            rows.append((arrangement, layer, kind, now, products[layer - 1]))
            now += products[layer - 1]
        ends = []
        for layer, product in zip(layers, products, strict=True):
            length = (2 * steps - 1) * product
            rows.append((arrangement, layer, "local", now, length))
            ends.append(now + length)
            if arrangement == "one after another":
                now += length
        totals[arrangement] = max(ends)
    tasks = pd.DataFrame(rows, columns=["arrangement", "layer", "kind", "start", "length"])
    gradient = 3 * sum(products) - products[0]
    return Timeline(tuple(units), steps, tasks, gradient, MappingProxyType(totals))
