"""The settings of a surface, ``PlaceSpec``, and of a race of optimizers on a surface, ``DescentSpec``."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Self

import torch
from pydantic import AfterValidator, Field, model_validator
from torch import Tensor

from engine.fields import Choice, Real
from engine.optimizers import LBFGS, SGD, Adam, AnyLane, HeavyBall, RMSprop
from engine.spec import Spec
from engine.surfaces.catalogue import FAMILIES, OWN, SURFACES
from engine.surfaces.own import read
from engine.surfaces.surface import Point, Surface

MOST_WORK = 150_000
"""The most tensor operations that one descent may take: two to three seconds on one core."""

STOP_RULES = {"never": "Never", "step": "Short step", "gradient": "Small gradient"}


def readable(text: str) -> str:
    """``text`` if it is a formula in x and y. Raises FormulaError."""
    read(text)
    return text


@lru_cache(maxsize=64)
def count_operations(f: Callable[[Tensor, Tensor], Tensor]) -> int:
    """How many differentiable operations ``f`` performs: the nodes of its graph in autograd."""
    x, y = torch.full((2,), 0.5, dtype=torch.float64, requires_grad=True).unbind()
    found, left = set(), [f(x, y).grad_fn]
    while left:
        node = left.pop()
        if node is not None and node not in found:
            found.add(node)
            left += [following for following, _ in node.next_functions]
    return len(found)


class PlaceSpec(Spec):
    """A loss surface and the part of the plane that is shown."""

    surface: Annotated[str, Choice(SURFACES | FAMILIES, "surface")] = Field(
        "rosenbrock", title="Surface", description="The loss to descend"
    )
    formula: Annotated[str, AfterValidator(readable)] = Field(
        "x^4 - 2*x^2 + y^2 + x*y/2",
        max_length=300,
        title="f(x, y)",
        description="Your own loss: + - * / ^, pi, e, and functions such as sin, exp, log, sqrt, abs, hypot, min, max",
    )
    span: Real = Field(
        2.5, gt=0, le=1000, title="Window", description="The picture shows −window to +window on both axes"
    )
    condition: Real = Field(
        20.0,
        ge=1,
        le=10_000,
        title="Condition number κ",
        json_schema_extra={"draw": "log-slider"},
        description="The largest curvature of the quadratic, divided by the smallest",
    )
    rotation: Real = Field(
        30.0,
        ge=0,
        le=180,
        title="Rotation",
        json_schema_extra={"unit": "degrees"},
        description="Turns the quadratic's axes away from the coordinate axes",
    )

    def place(self) -> Surface:
        """The surface; the same settings give the same object. For an own formula, this call searches the minima."""
        if family := FAMILIES.get(self.surface):
            return family.surface(*(getattr(self, name) for name in family.settings))
        return SURFACES[self.surface]

    def operations(self) -> int:
        """How many differentiable operations one evaluation of the surface takes. This call searches no minima."""
        return count_operations(read(self.formula).f if self.surface == OWN else SURFACES[self.surface].f)


class DescentSpec(PlaceSpec):
    """A race of optimizers from one starting point on one surface."""

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
        description="The optimizers that race",
    )
    steps: int = Field(
        400,
        ge=1,
        le=2000,
        title="Steps",
        json_schema_extra={"draw": "slider"},
        description="How many steps each optimizer takes",
    )
    stop: Annotated[str, Choice(STOP_RULES, "stop rule")] = Field(
        "never",
        title="Stop rule",
        description="End a run early. Short step: ten steps in a row were shorter than ε. While a "
        "schedule lowers the rate, ε is lowered too. Small gradient: the gradient is shorter than ε",
    )
    epsilon: Real = Field(1e-6, gt=0, le=1, title="Stop below ε", description="Limit of the stop rule")
    tolerance: Real = Field(
        0.01,
        gt=0,
        le=10,
        title="Tolerance",
        description="A minimum counts as reached within this distance",
    )
    noise: Real = Field(
        0.0,
        ge=0,
        le=100,
        title="Gradient noise σ",
        description="Gaussian noise on each gradient component, as from mini-batches; the same draw for all lanes",
    )
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Seed of the gradient noise")

    @model_validator(mode="after")
    def affordable(self) -> Self:
        most = int(MOST_WORK / self.step_work())
        if self.steps > most:
            raise ValueError(f"these optimizers can take at most {most} steps in one picture; asked for {self.steps}")
        return self

    def step_work(self) -> float:
        """How many tensor operations one step of all lanes takes."""
        # A call to autograd costs about as much as five operations. So does storing a step in take_steps.
        evaluation = 5 + self.operations()
        return 5 + evaluation + sum(lane.work(evaluation) for lane in self.lanes)

    def origin(self) -> Point:
        """The starting point: the one in the settings, or else the surface's own."""
        return self.start or self.place().start
