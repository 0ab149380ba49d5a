"""Racing optimizers down a loss surface: ``DescentSpec`` -> ``descend`` -> ``Descent``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from types import MappingProxyType
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from engine.fields import Real
from engine.optimizers import AnyLane, Lane
from engine.optimizers.adaptive import Adam, RMSprop
from engine.optimizers.curvature import LBFGS
from engine.optimizers.gradient import SGD, HeavyBall
from engine.optimizers.labels import labels, marks
from engine.spec import Spec
from engine.surfaces.catalogue import SURFACES, quadratic
from engine.surfaces.formula import formula_surface, parse_formula
from engine.surfaces.march import diagnose, kept, march
from engine.surfaces.surface import Surface

OWN = "own"
"""The name of the visitor's own formula among the surfaces."""

MOST_WORK = 150_000
"""Tensor operations of one descent: two to three seconds on one core, the most a picture may cost."""

Array = NDArray[np.float64]


def known(name: str) -> str:
    if name not in SURFACES and name != OWN:
        raise ValueError(f"no surface has this name; there are {', '.join(SURFACES)} and {OWN}")
    return name


@lru_cache(maxsize=64)
def own(text: str, span: float) -> Surface:
    """A formula's surface, the same object for the same text: finding its critical points takes a while."""
    return formula_surface(text, span)


@lru_cache(maxsize=64)
def ravine(condition: float, rotation: float) -> Surface:
    """A quadratic, the same object for the same settings."""
    return quadratic(condition, rotation)


@lru_cache(maxsize=64)
def operations(text: str) -> int:
    """Differentiable operations in the surface of that name, or in that formula: what an evaluation costs."""
    f = SURFACES[text].f if text in SURFACES else parse_formula(text).f
    x, y = torch.full((2,), 0.5, dtype=torch.float64, requires_grad=True).unbind()
    found, left = set(), [f(x, y).grad_fn]
    while left:
        node = left.pop()
        if node is not None and node not in found:
            found.add(node)
            left += [following for following, _ in node.next_functions]
    return len(found)


def readable(text: str) -> str:
    parse_formula(text)
    return text


class DescentSpec(Spec):
    """A race of optimizers from one starting point on one surface."""

    surface: Annotated[str, AfterValidator(known)] = Field(
        "rosenbrock", title="Surface", description="The loss to descend"
    )
    formula: Annotated[str, AfterValidator(readable)] = Field(
        "x^4 - 2*x^2 + y^2 + x*y/2",
        max_length=300,
        title="f(x, y)",
        description="Your own loss: + - * / ^, sin, cos, exp, log, sqrt, abs, tanh, sigmoid, relu, min, max, pi, e",
    )
    span: Real = Field(
        2.5, gt=0, le=1000, title="Window", description="The picture shows −window to +window on both axes"
    )
    condition: Real = Field(
        20.0,
        ge=1,
        le=10_000,
        title="Condition number κ",
        json_schema_extra={"log": True},
        description="Largest over smallest curvature of the quadratic",
    )
    rotation: Real = Field(
        30.0,
        ge=0,
        le=180,
        title="Rotation",
        json_schema_extra={"unit": "degrees"},
        description="Turns the quadratic's axes away from the coordinate axes",
    )
    start: tuple[Annotated[Real, Field(ge=-1e6, le=1e6)], Annotated[Real, Field(ge=-1e6, le=1e6)]] | None = Field(
        None, title="Start", description="Where all optimizers begin; click the picture to move it"
    )
    lanes: tuple[AnyLane, ...] = Field(
        (
            SGD(lr=0.001),
            HeavyBall(lr=0.001),
            RMSprop(lr=0.02),
            Adam(lr=0.3),
            LBFGS(lr=1.0, line_search="strong-wolfe"),
        ),
        min_length=1,
        max_length=20,
        title="Optimizers",
        description="Who races",
    )
    steps: int = Field(400, ge=1, le=2000, title="Steps", description="Optimizer steps for each")
    stop: Literal["never", "step", "gradient"] = Field(
        "never", title="Stop rule", description="End a run early: when its step, or its gradient, is shorter than ε"
    )
    epsilon: Real = Field(
        1e-6, gt=0, le=1, title="Stop below ε", json_schema_extra={"log": True}, description="Length of the stop rule"
    )
    tolerance: Real = Field(
        0.01,
        gt=0,
        le=10,
        title="Tolerance",
        json_schema_extra={"log": True},
        description="A minimum counts as reached within this distance",
    )
    noise: Real = Field(
        0.0,
        ge=0,
        le=100,
        title="Gradient noise σ",
        description="Gaussian noise on each gradient component, as if from mini-batches; the same draw for all",
    )
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Seed of the gradient noise")

    @model_validator(mode="after")
    def affordable(self) -> "DescentSpec":
        most = int(MOST_WORK / self.step_work())
        if self.steps > most:
            raise ValueError(f"these optimizers can take at most {most} steps in one picture; asked for {self.steps}")
        return self

    def step_work(self) -> float:
        """Tensor operations of one step of all lanes."""
        # A call to autograd costs about as much as five operations, and so does what march keeps of each step.
        evaluation = 5 + operations(self.formula if self.surface == OWN else self.surface)
        return 5 + evaluation + sum(lane.work(evaluation) for lane in self.lanes)

    def place(self) -> Surface:
        """The surface of this race."""
        if self.surface == OWN:
            return own(self.formula, self.span)
        if self.surface == "quadratic":
            return ravine(self.condition, self.rotation)
        return SURFACES[self.surface]

    def origin(self) -> tuple[float, float]:
        """The starting point: the surface's own unless one is set."""
        return self.start or self.place().start


@dataclass(frozen=True)
class Run:
    """One optimizer's descent: k points, of which the first is the start.

    label, mark: a name distinct among the race's lanes, and the part of it that tells twins apart ("" without twins).
    columns: the ``diagnose`` arrays, [k] each.
    gradients, momenta: [k, 2], see ``march``.
    diverged: the step after the last one here gave a number that is not finite.
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
        """What a path shows at each point, [k, 8]: loss, gradient norm, and the vectors downhill, momentum and step.

        The momentum is drawn as the displacement it pushes to, minus torch's first moment; the last step is zero.
        """
        steps = np.diff(self.positions, axis=0, append=self.positions[-1:])
        head = np.stack([self.columns["loss"], self.columns["gradient_norm"]], axis=-1)
        return np.concatenate([head, -self.gradients, -self.momenta, steps], axis=-1)


@dataclass(frozen=True)
class Descent:
    """The result of a race: a run a lane, in the spec's order."""

    spec: DescentSpec
    surface: Surface
    runs: tuple[Run, ...]

    @cached_property
    def lowest(self) -> float:
        """The loss at the lowest known minimum; NaN where none is known."""
        if not self.surface.minima:
            return float("nan")
        return float(self.surface(torch.tensor(self.surface.minima, dtype=torch.float64)).min())

    @cached_property
    def bounded(self) -> bool:
        """Whether a minimum is known and no run went below it: own formulas and unbounded surfaces may."""
        reached = np.concatenate([run.columns["loss"] for run in self.runs])
        room = 1e-9 * max(1.0, abs(self.lowest))  # minima are known to ten digits or more
        return bool(self.surface.minima) and not (reached < self.lowest - room).any()

    def excess(self, run: Run) -> Array:
        """The loss above ``lowest`` at each point of ``run``, [k]."""
        return run.columns["loss"] - self.lowest

    def extent(self, quantity: str) -> tuple[float, float] | None:
        """Least and greatest positive value that runs which did not diverge show of a column; ``excess`` for "loss".

        What to draw on a log axis: a diverged run reaches 1e300, beside which all others are one flat line.
        """
        shown = [
            self.excess(run) if quantity == "loss" else run.columns[quantity] for run in self.runs if not run.diverged
        ]
        values = np.concatenate(shown) if shown else np.empty(0)
        values = values[np.isfinite(values) & (values > 0)]
        return (float(values.min()), float(values.max())) if values.size else None

    def table(self) -> pd.DataFrame:
        """One row a lane and step, tidy: lane, step, and the columns of ``diagnose``."""
        frames = [
            pd.DataFrame({"lane": run.label, "step": np.arange(run.steps + 1), **run.columns}) for run in self.runs
        ]
        return pd.concat(frames, ignore_index=True)


def descend(spec: DescentSpec, done: Mapping[Lane, Run] = MappingProxyType({})) -> Descent:
    """Run the race. Deterministic; each trajectory equals a plain loop over the same torch optimizer, bit for bit.

    done: runs from races that differ in nothing but their lanes; they are not repeated, since no run depends on the
    others beside it.
    """
    surface = spec.place()
    fresh = tuple(dict.fromkeys(lane for lane in spec.lanes if lane not in done))
    runs = dict(done) | (dict(zip(fresh, _run(spec, surface, fresh), strict=True)) if fresh else {})
    named = zip(spec.lanes, labels(spec.lanes), marks(spec.lanes), strict=True)
    return Descent(spec, surface, tuple(replace(runs[lane], label=label, mark=mark) for lane, label, mark in named))


def _run(spec: DescentSpec, surface: Surface, lanes: tuple[Lane, ...]) -> list[Run]:
    """The runs of ``lanes``, one after the other named by their kind alone."""
    arrays = march(
        surface, spec.origin(), [partial(begin, lane, steps=spec.steps) for lane in lanes],
        spec.steps, spec.noise, spec.seed,
    )  # fmt: skip
    return [
        Run(
            lane=lane,
            label=lane.label,
            mark="",
            columns=diagnose(arrays, index, count, surface.minima),
            gradients=arrays["gradients"][:count, index].numpy(),
            momenta=arrays["momenta"][:count, index].numpy(),
            diverged=diverged,
        )
        for index, (lane, (count, diverged)) in enumerate(
            zip(lanes, kept(arrays, spec.stop, spec.epsilon), strict=True)
        )
    ]


def begin(lane: Lane, point: torch.Tensor, steps: int) -> tuple[torch.optim.Optimizer, Any, str, str]:
    """What ``march`` asks of a lane."""
    optimizer, scheduler = lane.start(point, steps)
    return optimizer, scheduler, lane.closure, lane.momentum_entry()
