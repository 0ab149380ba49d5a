"""Optimizers that follow the gradient itself: gradient descent, its two momenta and its averaged form."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from engine.fields import Real
from engine.optimizers.fields import Momentum, Rate, WeightDecay
from engine.optimizers.lane import Display, Lane


class SGD(Lane):
    display = Display(
        label="SGD",
        colour="#796563",
        rule=r"\theta_{t+1} = \theta_t - \eta\, g_t, \qquad g_t = \nabla f(\theta_t) + \lambda \theta_t",
        source=("Robbins & Monro 1951, A stochastic approximation method", "https://doi.org/10.1214/aoms/1177729586"),
    )
    constructor = "torch.optim.SGD"
    reach = "curvature"

    optimizer: Literal["sgd"] = "sgd"
    lr: Rate = 0.001
    weight_decay: WeightDecay = 0.0

    def stable_below(self) -> float | None:
        return 2.0 if self.weight_decay == 0 else None


class HeavyBall(Lane):
    """Polyak's momentum."""

    display = Display(
        label="Momentum",
        colour="#0370ca",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_t) + \lambda \theta_t \\
            v_{t+1} &= \mu v_t + (1 - \tau)\, g_t, \qquad v_1 = g_0 \\
            \theta_{t+1} &= \theta_t - \eta\, v_{t+1}
            \end{aligned}""",
        source=(
            "Polyak 1964, Some methods of speeding up the convergence of iteration methods",
            "https://doi.org/10.1016/0041-5553(64)90137-5",
        ),
        differs=(
            "The rate multiplies the whole velocity, so a schedule acts on past gradients too; Polyak's velocity "
            "contains the rate. The gradient enters with weight 1, not 1 - momentum, so steps grow up to 1 / (1 - "
            "momentum) times longer. The first velocity is the first gradient."
        ),
    )
    constructor = "torch.optim.SGD"
    momentum_state = "momentum_buffer"
    reach = "curvature"

    optimizer: Literal["momentum"] = "momentum"
    lr: Rate = 0.001
    momentum: Momentum = 0.9
    dampening: Real = Field(
        0.0,
        ge=0,
        le=1,
        title="Dampening",
        description="Share of each gradient that does not enter the velocity",
        json_schema_extra={"symbol": r"\tau", "link": "d"},
    )
    weight_decay: WeightDecay = 0.0

    def stable_below(self) -> float | None:
        """(2 + 2 mu) / (1 - tau): the recursion is the heavy ball's with rate (1 - tau) lr."""
        if self.weight_decay or self.dampening == 1:
            return None
        return (2 + 2 * self.momentum) / (1 - self.dampening)


class Nesterov(Lane):
    display = Display(
        label="Nesterov",
        colour="#867dfc",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_t) + \lambda \theta_t \\
            v_{t+1} &= \mu v_t + g_t \\
            \theta_{t+1} &= \theta_t - \eta\, (g_t + \mu v_{t+1})
            \end{aligned}""",
        source=(
            "Sutskever et al. 2013, On the importance of initialization and momentum in deep learning",
            "https://proceedings.mlr.press/v28/sutskever13.html",
        ),
        differs=(
            "Sutskever's form, shifted: the parameters that torch holds are the look-ahead point, where the gradient "
            "is taken. The momentum is constant, where Nesterov's 1983 method raises it from step to step. The rate "
            "multiplies the whole velocity, as in torch's momentum."
        ),
    )
    constructor = "torch.optim.SGD"
    momentum_state = "momentum_buffer"
    fixed: ClassVar[dict[str, Any]] = {"nesterov": True, "foreach": False}
    reach = "curvature"

    optimizer: Literal["nesterov"] = "nesterov"
    lr: Rate = 0.001
    momentum: Momentum = 0.9
    weight_decay: WeightDecay = 0.0

    def stable_below(self) -> float | None:
        return (2 + 2 * self.momentum) / (1 + 2 * self.momentum) if self.weight_decay == 0 else None


class ASGD(Lane):
    display = Display(
        label="ASGD",
        colour="#5b85a2",
        rule=r"""\begin{aligned}
            g_t &= \nabla f(\theta_t) + \lambda_w \theta_t, \qquad
            \eta_t = \eta / (1 + \lambda \eta t)^{\alpha} \\
            \theta_{t+1} &= (1 - \lambda \eta_t)\, \theta_t - \eta_t\, g_t, \qquad t = 0, 1, \dots \\
            \bar\theta_{t+1} &= \bar\theta_t + (\theta_{t+1} - \bar\theta_t) / \max(1,\, t - t_0)
            \end{aligned}""",
        source=(
            "Polyak & Juditsky 1992, Acceleration of stochastic approximation by averaging",
            "https://doi.org/10.1137/0330046",
        ),
        differs=(
            "What moves and is drawn is the plain iterate; the average is only kept in the optimizer's state. It "
            "starts after t0 steps, by default a million. The decay term lambd shrinks the parameters besides "
            "ordering the rates. A schedule acts one step late."
        ),
    )
    constructor = "torch.optim.ASGD"
    reach = "curvature"

    optimizer: Literal["asgd"] = "asgd"
    lr: Rate = 0.01
    lambd: Real = Field(
        1e-4,
        ge=0,
        le=1,
        title="Decay term",
        description="How fast the rate falls, and a shrinkage of the parameters",
        json_schema_extra={"symbol": r"\lambda", "link": "l"},
    )
    alpha: Real = Field(
        0.75,
        ge=0,
        le=1,
        title="Power",
        description="Power with which the rate falls",
        json_schema_extra={"symbol": r"\alpha", "link": "a"},
    )
    t0: Real = Field(
        1e6,
        ge=0,
        le=1e9,
        title="Averaging from",
        description="Step after which iterates are averaged",
        json_schema_extra={"symbol": "t_0", "unit": "steps", "link": "t"},
    )
    weight_decay: WeightDecay = 0.0
