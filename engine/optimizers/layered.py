"""Optimizers of networks that need the layers themselves, or several gradients of a batch."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from engine.fields import Choice, Real
from engine.optimizers.adaptive import ADAM, AdamFamily
from engine.optimizers.fields import Momentum, Rate, Refresh
from engine.optimizers.inner import INNER, STEPPING
from engine.optimizers.lane import Display, Lane
from engine.optimizers.locoprop import LOCAL_SCHEDULES, squared_flops
from engine.optimizers.workload import Workload

LOCOPROP = (
    "Amid, Anil & Warmuth 2022, LocoProp: Enhancing BackProp via Local Loss Optimization",
    "https://arxiv.org/abs/2106.06199",
)


class RepeatedAdam(AdamFamily):
    display = Display(
        label="Adam × K",
        colour="#988b83",
        rule=r"\text{Adam's update } K \text{ times on each batch, each along a fresh gradient}",
        source=ADAM,
        differs="For comparison: the result of Adam with a budget of K gradients per batch.",
    )
    constructor = "engine.optimizers.composed.RepeatedAdam"
    closure = "loss"

    optimizer: Literal["adamk"] = "adamk"
    updates: int = Field(
        8,
        ge=2,
        le=50,
        title="Updates",
        description="Steps per batch. Eight cost as much as ten local steps of LocoProp-M",
        json_schema_extra={"unit": "a batch", "symbol": "K", "link": "k"},
    )

    def called(self) -> str:
        return f"Adam × {self.updates}"

    def network_work(self, net: Workload) -> float:
        return self.updates * net.step()


class Layered(Lane):
    """An optimizer whose constructor takes the layers themselves, each with its transfer function."""

    fixed: ClassVar[Mapping[str, Any]] = {}
    closure = "loss"
    layered = True


class LocoPropLane(Layered):
    """LocoProp with either local loss.

    local_loss: "squared" or "matching".
    """

    local_loss: ClassVar[str]
    constructor = "engine.optimizers.locoprop.LocoProp"
    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-6, 1e-4), "gamma": (1.0, 100.0)}

    lr: Rate = 1e-5
    gamma: Real = Field(
        10.0,
        gt=0,
        le=1e4,
        title="Activation step",
        description="The size of the gradient step that gives the target",
        json_schema_extra={"symbol": r"\gamma", "link": "g"},
    )
    regularizer: Real = Field(
        0.0,
        ge=0,
        le=1e6,
        title="Regularizer",
        description="Holds the weights near where the batch found them",
        json_schema_extra={"symbol": r"\lambda", "link": "r"},
    )
    inner: str
    steps: int = Field(
        10,
        ge=1,
        le=50,
        title="Local steps",
        description="Steps that each layer takes on its own problem",
        json_schema_extra={"unit": "a batch", "symbol": "T", "link": "t", "draw": "slider"},
    )
    local_schedule: Annotated[str, Choice(LOCAL_SCHEDULES, "local schedule")] = Field(
        "linear",
        title="Local schedule",
        description="The rate over the local steps: falling to a quarter or constant",
        json_schema_extra={"link": "ls", "draw": "segmented"},
    )

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"inner": INNER[self.inner].build, "local_loss": self.local_loss}


class LocoPropM(LocoPropLane):
    display = Display(
        label="LocoProp-M",
        colour="#cc2411",
        rule=r"""\begin{aligned}
            Y^* &= f(A) - \gamma\, \partial L/\partial A \\
            W &\leftarrow T \text{ steps on } F(XW^\top) - Y^* \cdot XW^\top
            + \tfrac{\lambda}{2} \lVert W - W_0 \rVert^2
            \qquad \text{in each layer, } F' = f
            \end{aligned}""",
        source=LOCOPROP,
    )
    local_loss = "matching"

    optimizer: Literal["locopropm"] = "locopropm"
    inner: Annotated[str, Choice(STEPPING, "inner optimizer")] = Field(
        "rmsprop",
        title="Inner optimizer",
        description="What takes the local steps",
        json_schema_extra={"link": "i"},
    )

    def network_work(self, net: Workload) -> float:
        return 2 * net.forward() + self.steps * (2 * net.forward() + net.update())


class LocoPropS(LocoPropLane):
    display = Display(
        label="LocoProp-S",
        colour="#b83b91",
        rule=r"""\begin{aligned}
            A^* &= A - \gamma\, \partial L/\partial A \\
            W &\leftarrow T \text{ steps on } \tfrac12 \lVert XW^\top - A^* \rVert^2
            + \tfrac{\lambda}{2} \lVert W - W_0 \rVert^2 \qquad \text{in each layer}
            \end{aligned}""",
        source=LOCOPROP,
    )
    local_loss = "squared"

    optimizer: Literal["locoprops"] = "locoprops"
    inner: Annotated[str, Choice(INNER, "inner optimizer")] = Field(
        "rmsprop",
        title="Inner optimizer",
        description="What takes the local steps. Exact needs a regularizer and ignores rate and warm-up",
        json_schema_extra={"link": "i"},
    )

    def rated(self) -> bool:
        return self.inner != "exact"

    def network_work(self, net: Workload) -> float:
        if self.inner == "exact":
            return net.step() + net.covariances() + net.cubes() + net.sandwich() + net.update()
        gradients = sum(min(squared_flops(net.batch, *shape, self.steps - 1)) for shape in net.shapes())
        return 3 * net.forward() + gradients + self.steps * net.update()

    @model_validator(mode="after")
    def has_a_solution(self) -> Self:
        if self.inner == "exact" and self.regularizer == 0:
            raise ValueError("the exact solution needs a regularizer above 0")
        return self


class KFAC(Layered):
    display = Display(
        label="K-FAC",
        colour="#8e51ff",
        rule=r"""\begin{aligned}
            A &= \mathbb{E}\, x x^\top, \qquad G = \mathbb{E}\, g g^\top
            \quad \text{with targets drawn from the model} \\
            W &\leftarrow W - \eta\, (G + \tfrac{\sqrt\lambda}{\pi} I)^{-1}\, \tfrac{\partial L}{\partial W}\,
            (A + \pi \sqrt\lambda\, I)^{-1}
            \end{aligned}""",
        source=(
            "Martens & Grosse 2015, Optimizing neural networks with Kronecker-factored approximate curvature",
            "https://arxiv.org/abs/1503.05671",
        ),
        differs="With a heavy ball and the clipping of Ba, Grosse & Martens 2017 in place of the paper's own momentum.",
    )
    constructor = "engine.optimizers.kfac.KFAC"
    draws = True
    search: ClassVar[Mapping[str, tuple[float, float]]] = {
        "lr": (0.03, 3.0),
        "damping": (0.03, 30.0),
        "kl_clip": (1e-3, 1.0),
    }

    optimizer: Literal["kfac"] = "kfac"
    lr: Rate = 0.1
    momentum: Momentum = 0.9
    damping: Real = Field(
        1.0,
        gt=0,
        le=1e6,
        title="Damping",
        description="Added to every curvature, so that no step is too long; large damping is gradient descent",
        json_schema_extra={"symbol": r"\lambda", "link": "d"},
    )
    kl_clip: Real = Field(
        0.01,
        gt=0,
        le=1e6,
        title="KL clip",
        description="Largest change of the model's output in one step",
        json_schema_extra={"symbol": r"\kappa", "link": "c"},
    )
    refresh: Refresh = 10

    def period(self) -> int:
        return self.refresh

    def settled(self) -> int:
        return 6  # its burn-in, and the first inversion

    def network_work(self, net: Workload) -> float:
        inversions = 3 * net.cubes() / self.refresh
        return 5 * net.forward() + net.covariances() + net.sandwich() + inversions + 4 * net.update()

    def network_memory(self, net: Workload) -> int:
        return super().network_memory(net) + 2 * net.squares()
