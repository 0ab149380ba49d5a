"""Optimizers of networks: they need the layers, the matrices or several gradients of a batch."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field, model_validator

from engine.optimizers.adaptive import ADAM, Adam
from engine.optimizers.fields import Beta1, Beta2, Momentum, Rate, Refresh, TwoBetas, WeightDecay
from engine.optimizers.lane import Lane
from engine.optimizers.locoprop import RMSPROP, Inner
from engine.spec import Real

LOCOPROP = (
    "Amid, Anil & Warmuth 2022, LocoProp: Enhancing BackProp via Local Loss Optimization",
    "https://arxiv.org/abs/2106.06199",
)

INNER: Mapping[str, Inner | None] = MappingProxyType(
    {
        "rmsprop": RMSPROP,
        "sgd": partial(torch.optim.SGD, lr=0.0),
        "momentum": partial(torch.optim.SGD, lr=0.0, momentum=0.9),
        "nesterov": partial(torch.optim.SGD, lr=0.0, momentum=0.9, nesterov=True),
        "adagrad": torch.optim.Adagrad,
        "adam": torch.optim.Adam,
        "exact": None,
    }
)
"""What solves the local problems, by name."""


class RepeatedAdam(Adam):
    label = "Adam, equal compute"
    colour = "#7c765e"
    constructor = "engine.optimizers.composed.RepeatedAdam"
    rule = r"\text{Adam's update } K \text{ times on each batch, each along a fresh gradient}"
    source = ADAM
    differs = "A control: what Adam makes of a budget of K gradients a batch."
    closure = "loss"

    optimizer: Literal["adamk"] = "adamk"  # type: ignore[assignment]
    updates: int = Field(
        8, ge=2, le=50, title="Updates",
        description="Steps on a batch; eight cost what ten local steps of LocoProp-M do",
        json_schema_extra={"unit": "a batch", "symbol": "K", "link": "k"},
    )  # fmt: skip

    def gradients(self) -> float:
        return self.updates


class Layered(Lane):
    """An optimizer whose constructor takes the layers themselves, each with its transfer function."""

    closure = "loss"
    layered = True


class LocoPropM(Layered):
    label = "LocoProp-M"
    colour = "#d80b11"
    constructor = "engine.optimizers.locoprop.LocoProp"
    rule = r"""\begin{aligned}
        Y^* &= f(A) - \gamma\, \partial L/\partial A \\
        W &\leftarrow T \text{ steps on } F(XW^\top) - Y^* \cdot XW^\top + \tfrac{\lambda}{2} \lVert W - W_0 \rVert^2
        \qquad \text{in each layer, } F' = f
        \end{aligned}"""
    source = LOCOPROP
    fixed: ClassVar[Mapping[str, Any]] = {"local_loss": "matching"}
    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-6, 1e-4), "gamma": (1.0, 100.0)}

    optimizer: Literal["locopropm"] = "locopropm"
    lr: Rate = 1e-5
    gamma: Real = Field(
        10.0, gt=0, le=1e4, title="Activation step", description="How far the target lies down the slope of the loss",
        json_schema_extra={"symbol": r"\gamma", "log": True, "link": "g"},
    )  # fmt: skip
    regularizer: Real = Field(
        0.0, ge=0, le=1e6, title="Regularizer", description="Holds the weights near where the batch found them",
        json_schema_extra={"symbol": r"\lambda", "log": True, "link": "r"},
    )  # fmt: skip
    inner: Literal["rmsprop", "sgd", "momentum", "nesterov", "adagrad", "adam"] = Field(
        "rmsprop", title="Inner optimizer", description="What takes the local steps",
        json_schema_extra={"link": "i"},
    )  # fmt: skip
    steps: int = Field(
        10, ge=1, le=50, title="Local steps", description="Steps that each layer takes on its own problem",
        json_schema_extra={"unit": "a batch", "symbol": "T", "link": "t"},
    )  # fmt: skip
    local_schedule: Literal["linear", "constant"] = Field(
        "linear", title="Local schedule", description="The rate over the local steps: falling to a quarter or constant",
        json_schema_extra={"link": "ls"},
    )  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"inner": INNER[self.inner]}

    def gradients(self) -> float:
        return (4 + 4 * self.steps) / 6


class LocoPropS(LocoPropM):
    label = "LocoProp-S"
    colour = "#b1247e"
    rule = r"""\begin{aligned}
        A^* &= A - \gamma\, \partial L/\partial A \\
        W &\leftarrow T \text{ steps on } \tfrac12 \lVert XW^\top - A^* \rVert^2
        + \tfrac{\lambda}{2} \lVert W - W_0 \rVert^2 \qquad \text{in each layer}
        \end{aligned}"""
    fixed: ClassVar[Mapping[str, Any]] = {"local_loss": "squared"}

    optimizer: Literal["locoprops"] = "locoprops"  # type: ignore[assignment]
    inner: Literal["rmsprop", "sgd", "momentum", "nesterov", "adagrad", "adam", "exact"] = Field(  # type: ignore[assignment]
        "rmsprop", title="Inner optimizer",
        description="What takes the local steps; exact needs a regularizer and heeds neither rate nor warm-up",
        json_schema_extra={"link": "i"},
    )  # fmt: skip

    @model_validator(mode="after")
    def has_a_solution(self) -> "LocoPropS":
        if self.inner == "exact" and self.regularizer == 0:
            raise ValueError("the exact solution needs a regularizer above 0")
        return self


class KFAC(Layered):
    label = "K-FAC"
    colour = "#7c40ff"
    constructor = "engine.optimizers.kfac.KFAC"
    rule = r"""\begin{aligned}
        A &= \mathbb{E}\, x x^\top, \qquad G = \mathbb{E}\, g g^\top \quad \text{with targets drawn from the model} \\
        W &\leftarrow W - \eta\, (G + \tfrac{\sqrt\lambda}{\pi} I)^{-1}\, \tfrac{\partial L}{\partial W}\,
        (A + \pi \sqrt\lambda\, I)^{-1}
        \end{aligned}"""
    source = (
        "Martens & Grosse 2015, Optimizing neural networks with Kronecker-factored approximate curvature",
        "https://arxiv.org/abs/1503.05671",
    )
    differs = "With a heavy ball and the clipping of Ba, Grosse & Martens 2017 in place of the paper's own momentum."
    fixed: ClassVar[Mapping[str, Any]] = {}
    draws = True
    search: ClassVar[Mapping[str, tuple[float, float]]] = {
        "lr": (0.03, 3.0), "damping": (0.03, 30.0), "kl_clip": (1e-3, 1.0),
    }  # fmt: skip

    optimizer: Literal["kfac"] = "kfac"
    lr: Rate = 0.1
    momentum: Momentum = 0.9
    damping: Real = Field(
        1.0, gt=0, le=1e6, title="Damping", description="Added to the curvature; large damping is gradient descent",
        json_schema_extra={"symbol": r"\lambda", "log": True, "link": "d"},
    )  # fmt: skip
    kl_clip: Real = Field(
        0.01, gt=0, le=1e6, title="KL clip", description="Largest change of the model's output in one step",
        json_schema_extra={"symbol": r"\kappa", "log": True, "link": "c"},
    )  # fmt: skip
    refresh: Refresh = 10

    def period(self) -> int:
        return self.refresh

    def settled(self) -> int:
        return 6  # its burn-in, and the first inversion

    def gradients(self) -> float:
        return 2.5


class Preconditioned(TwoBetas):
    """Of Shampoo's family: two averaged matrices for each weight, decomposed anew every ``refresh`` steps."""

    interval: ClassVar[str]
    """The constructor's name for ``refresh``."""
    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-4, 3e-2)}

    refresh: Refresh = 20

    def arguments(self) -> dict[str, Any]:
        hyper = super().arguments()
        return hyper | {self.interval: hyper.pop("refresh")}

    def period(self) -> int:
        return self.refresh


class Shampoo(Preconditioned):
    label = "Shampoo"
    colour = "#c560d7"
    constructor = "pytorch_optimizer.ScalableShampoo"
    rule = r"""\begin{aligned}
        L &\leftarrow \beta_2 L + (1 - \beta_2)\, g g^\top, \qquad R \leftarrow \beta_2 R + (1 - \beta_2)\, g^\top g \\
        P &= L^{-1/4}\, g\, R^{-1/4} \quad \text{at the length of RMSprop's step} \\
        V &\leftarrow \beta_1 V + (1 - \beta_1)\, P, \qquad
            W \leftarrow W - \eta\, (\beta_1 V + (1 - \beta_1)\, P)
        \end{aligned}"""
    source = (
        "Anil et al. 2020, Scalable second order optimization for deep learning",
        "https://arxiv.org/abs/2002.09018",
    )
    differs = (
        "The length of each layer's step is RMSprop's (grafting), and it has Nesterov's momentum; matrices are split "
        "into blocks of 512. Before its 25th step it is RMSprop with momentum."
    )
    state_classes: ClassVar[tuple[str, ...]] = (
        "pytorch_optimizer.optimizer.utils.preconditioner.PreConditioner",
        "pytorch_optimizer.optimizer.utils.partition.BlockPartitioner",
        "pytorch_optimizer.optimizer.utils.partition.PreConditionerType",
        "pytorch_optimizer.optimizer.utils.graft.RMSPropGraft",
    )
    # Grafting kind 3 is RMSprop's. The inverse roots by SVD: three times as quick on a CPU as the iteration. Without
    # the average, momentum makes the steps ten times as long as the rate says.
    fixed: ClassVar[Mapping[str, Any]] = {"graft_type": 3, "use_svd": True, "moving_average_for_momentum": True}
    interval = "preconditioning_compute_steps"

    optimizer: Literal["shampoo"] = "shampoo"
    lr: Rate = 0.005
    beta2: Beta2 = 0.95

    def gradients(self) -> float:
        return 2.0


class SOAP(Preconditioned):
    label = "SOAP"
    colour = "#9b1cd0"
    constructor = "pytorch_optimizer.SOAP"
    rule = r"\text{Adam's update in the eigenbases of Shampoo's } L \text{ and } R"
    source = (
        "Vyas et al. 2024, SOAP: Improving and stabilizing Shampoo using Adam",
        "https://arxiv.org/abs/2409.11321",
    )
    differs = "The first batch only sets the eigenbases."
    fixed: ClassVar[Mapping[str, Any]] = {}
    interval = "precondition_frequency"

    optimizer: Literal["soap"] = "soap"
    lr: Rate = 0.003
    beta1: Beta1 = 0.95
    beta2: Beta2 = 0.95
    weight_decay: WeightDecay = 0.0
    refresh: Refresh = 10

    def gradients(self) -> float:
        return 3.0


class Muon(Lane):
    label = "Muon"
    colour = "#699b5c"
    constructor = "engine.optimizers.composed.MuonWithAdamW"
    rule = r"""\begin{aligned}
        V &\leftarrow \mu V + (1 - \mu)\, g \\
        M &= \mu V + (1 - \mu)\, g \\
        W &\leftarrow W - \eta\, U P^\top \quad \text{where } M \approx U \Sigma P^\top \text{ by Newton-Schulz}
        \end{aligned}"""
    source = ("Jordan et al. 2024, Muon: An optimizer for hidden layers", "https://kellerjordan.github.io/posts/muon/")
    differs = "For matrices alone: biases follow AdamW. Steps are scaled to the size of AdamW's."
    fixed: ClassVar[Mapping[str, Any]] = {}
    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-4, 3e-2)}

    optimizer: Literal["muon"] = "muon"
    lr: Rate = 0.001
    momentum: Momentum = 0.95
    weight_decay: WeightDecay = 0.0

    def gradients(self) -> float:
        return 3.0
