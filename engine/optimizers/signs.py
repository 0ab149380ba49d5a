"""Optimizers that use only the sign of a gradient or of its average; the rate is the length of a step."""

from typing import Any, Literal

from pydantic import Field

from engine.fields import Real
from engine.optimizers.fields import Beta1, Beta2, DecoupledDecay, Rate, TwoBetas
from engine.optimizers.lane import Display, Lane


class Rprop(Lane):
    display = Display(
        label="Rprop",
        colour="#8879c3",
        rule=r"""\begin{aligned}
            \Delta_t &= \mathrm{clip}\big(\Delta_{t-1} \cdot \{\eta^+ \text{ if } g_t g_{t-1} > 0,\;
            \eta^- \text{ if } g_t g_{t-1} < 0,\; 1 \text{ if } g_t g_{t-1} = 0\},\;
            \Delta_{\min},\; \Delta_{\max}\big) \\
            g_t &\leftarrow 0 \quad \text{where } g_t g_{t-1} < 0 \\
            \theta_{t+1} &= \theta_t - \Delta_t\, \mathrm{sign}(g_t), \qquad \Delta_{-1} = \eta
            \end{aligned}""",
        source=(
            (
                "Riedmiller & Braun 1993, A direct adaptive method for faster backpropagation learning: the RPROP "
                "algorithm"
            ),
            "https://doi.org/10.1109/ICNN.1993.298623",
        ),
        differs=(
            "Without weight backtracking: where the sign flips, the step shrinks and that coordinate rests for one "
            "step, instead of going back. The rate is only the first step's length; a schedule has no effect."
        ),
    )
    constructor = "torch.optim.Rprop"
    scheduled = False

    optimizer: Literal["rprop"] = "rprop"
    lr: Rate = Field(0.01, title="First step", description="Length of the first step in each coordinate")
    etaminus: Real = Field(
        0.5,
        ge=0.001,
        le=0.999,
        title="Shrink",
        description="Factor of the step where the gradient's sign flips",
        json_schema_extra={"symbol": r"\eta^-", "link": "em"},
    )
    etaplus: Real = Field(
        1.2,
        ge=1.001,
        le=10,
        title="Grow",
        description="Factor of the step where the gradient keeps its sign",
        json_schema_extra={"symbol": r"\eta^+", "link": "ep"},
    )
    # The shortest length is at most the least allowed longest length, so it never exceeds the longest.
    min_step: Real = Field(
        1e-6,
        ge=0,
        le=0.01,
        title="Shortest step",
        description="Steps do not shrink below this",
        json_schema_extra={"symbol": r"\Delta_{\min}", "link": "lo"},
    )
    max_step: Real = Field(
        50.0,
        ge=0.01,
        le=1_000,
        title="Longest step",
        description="Steps do not grow beyond this",
        json_schema_extra={"symbol": r"\Delta_{\max}", "link": "hi"},
    )

    def arguments(self) -> dict[str, Any]:
        etas, step_sizes = (self.etaminus, self.etaplus), (self.min_step, self.max_step)
        return {"lr": self.lr, "etas": etas, "step_sizes": step_sizes, **self.fixed}


class Lion(TwoBetas):
    display = Display(
        label="Lion",
        colour="#8b6211",
        rule=r"""\begin{aligned}
            u_t &= \mathrm{sign}\big(\beta_1 m_t + (1 - \beta_1)\, g_t\big) \\
            \theta_{t+1} &= (1 - \eta \lambda)\, \theta_t - \eta\, u_t \\
            m_{t+1} &= \beta_2 m_t + (1 - \beta_2)\, g_t
            \end{aligned}""",
        source=("Chen et al. 2023, Symbolic discovery of optimization algorithms", "https://arxiv.org/abs/2302.06675"),
    )
    constructor = "pytorch_optimizer.Lion"
    momentum_state = "exp_avg"

    optimizer: Literal["lion"] = "lion"
    lr: Rate = 1e-4
    beta1: Beta1 = Field(0.9, description="Weight of the momentum, against the gradient, in the sign that is taken")
    beta2: Beta2 = Field(0.99, description="Memory of the momentum")
    weight_decay: DecoupledDecay = 0.0
