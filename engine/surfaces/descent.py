"""The race of optimizers down a loss surface: ``descend`` takes a ``DescentSpec`` and returns a ``Descent``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.fields import Quantity
from engine.optimizers import Lane
from engine.optimizers.labels import labels, marks
from engine.surfaces.spec import DescentSpec
from engine.surfaces.stepping import diagnose, kept, take_steps
from engine.surfaces.surface import Surface

Array = NDArray[np.float64]

READOUT = {"loss": 0, "gradient_norm": 1, "downhill": 2, "momentum": 4, "step": 6}
"""Where each quantity begins in a row of ``Run.readout``. The last three are vectors of two numbers."""


QUANTITIES = {
    "loss": Quantity("Loss", "Loss"),
    "gradient_norm": Quantity("Gradient", "Gradient norm"),
    "step_length": Quantity("Step", "Step length"),
    "distance": Quantity("Distance", "Distance to the nearest minimum"),
}
"""Column of the result's table -> the quantity that can be drawn against the step."""


@dataclass(frozen=True)
class Run:
    """One optimizer's descent: k points, the first of them the start.

    label: a name that no other lane of the race has. mark: the part of the label that distinguishes lanes of the same
        kind; "" if there is only one lane of this kind.
    columns: the arrays of ``diagnose``, [k] each.
    gradients, momenta: [k, 2], see ``take_steps``.
    diverged: the next step gave a number that is not finite.
    """

    lane: Lane
    label: str
    mark: str
    columns: dict[str, Array]
    gradients: Array
    momenta: Array
    diverged: bool

    @property
    def steps(self) -> int:
        return len(self.columns["loss"]) - 1

    @property
    def positions(self) -> Array:
        """[k, 2]."""
        return np.stack([self.columns["x"], self.columns["y"]], axis=-1)

    @property
    def readout(self) -> Array:
        """What a path shows at each point, [k, 8]; ``READOUT`` names the columns.

        loss, gradient norm.
        downhill: minus the gradient.
        momentum: minus torch's first moment, so that it points where it pushes.
        step: the displacement to the next point; zero at the last.
        """
        steps = np.diff(self.positions, axis=0, append=self.positions[-1:])
        head = np.stack([self.columns["loss"], self.columns["gradient_norm"]], axis=-1)
        return np.concatenate([head, -self.gradients, -self.momenta, steps], axis=-1)


@dataclass(frozen=True, eq=False)
class Descent:
    """The result of a race: one run per lane, in the spec's order. Results are compared by identity."""

    spec: DescentSpec
    surface: Surface
    runs: tuple[Run, ...]

    @cached_property
    def lowest(self) -> float:
        """The loss at the lowest known minimum; NaN if no minimum is known."""
        if not self.surface.minima:
            return float("nan")
        return float(self.surface(torch.tensor(self.surface.minima, dtype=torch.float64)).min())

    @cached_property
    def bounded(self) -> bool:
        """Whether a minimum is known and no run went below it. On an own formula, a run may go below."""
        reached = np.concatenate([run.columns["loss"] for run in self.runs])
        room = 1e-9 * max(1.0, abs(self.lowest))  # Minima are known to ten digits or more.
        return bool(self.surface.minima) and not (reached < self.lowest - room).any()

    def excess(self, run: Run) -> Array:
        """The loss above ``lowest`` at each point of ``run``, [k]."""
        return run.columns["loss"] - self.lowest

    def extent(self, quantity: str) -> tuple[float, float] | None:
        """The least and the greatest positive value of a column, for a log axis; None if there is none.

        quantity: the column's name. For "loss" the values are those of ``excess``.
        Only runs that did not diverge count. A diverged run may reach 1e300; on its scale all others would look flat.
        """
        shown = [
            self.excess(run) if quantity == "loss" else run.columns[quantity] for run in self.runs if not run.diverged
        ]
        values = np.concatenate(shown) if shown else np.empty(0)
        values = values[np.isfinite(values) & (values > 0)]
        return (float(values.min()), float(values.max())) if values.size else None

    def table(self) -> pd.DataFrame:
        """One row per lane and step: lane, step, and the columns of ``diagnose``."""
        frames = [
            pd.DataFrame({"lane": run.label, "step": np.arange(run.steps + 1), **run.columns}) for run in self.runs
        ]
        return pd.concat(frames, ignore_index=True)


def descend(spec: DescentSpec, done: Mapping[Lane, Run] = MappingProxyType({})) -> Descent:
    """Run the race. Deterministic; each trajectory equals a plain loop over the same torch optimizer, bit for bit.

    done: runs of earlier races whose settings differ from ``spec`` only in the lanes. They are not repeated, because no
        run depends on another.
    """
    surface = spec.place()
    fresh = tuple(dict.fromkeys(lane for lane in spec.lanes if lane not in done))
    runs = dict(done) | (dict(zip(fresh, _run(spec, surface, fresh), strict=True)) if fresh else {})
    named = zip(spec.lanes, labels(spec.lanes), marks(spec.lanes), strict=True)
    return Descent(spec, surface, tuple(replace(runs[lane], label=label, mark=mark) for lane, label, mark in named))


def _run(spec: DescentSpec, surface: Surface, lanes: tuple[Lane, ...]) -> list[Run]:
    """The runs of ``lanes``, in the order of ``lanes``. Here each label is only the name of the lane's kind."""
    arrays = take_steps(
        surface,
        spec.origin(),
        [partial(begin, lane, steps=spec.steps) for lane in lanes],
        spec.steps,
        spec.noise,
        spec.seed,
    )
    ends = kept(arrays, spec.stop, spec.epsilon)
    return [
        Run(
            lane=lane,
            label=lane.display.label,
            mark="",
            columns=diagnose(arrays, index, count, surface.minima),
            gradients=arrays["gradients"][:count, index].numpy(),
            momenta=arrays["momenta"][:count, index].numpy(),
            diverged=diverged,
        )
        for index, (lane, (count, diverged)) in enumerate(zip(lanes, ends, strict=True))
    ]


def begin(lane: Lane, point: torch.Tensor, steps: int) -> tuple[torch.optim.Optimizer, Any, str, str]:
    """Start a lane for ``take_steps``: its optimizer, scheduler, kind of closure, and the name of its momentum."""
    optimizer, scheduler = lane.start(point, steps)
    return optimizer, scheduler, lane.closure, lane.momentum_entry()
