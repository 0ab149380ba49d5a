"""Optimizers that use second derivatives, measured or estimated."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from engine.fields import Choice, Real
from engine.optimizers.fields import Rate
from engine.optimizers.lane import Display, Lane


class LBFGS(Lane):
    display = Display(
        label="L-BFGS",
        colour="#9811ff",
        rule=r"""\begin{aligned}
            s_t &= \theta_t - \theta_{t-1}, \qquad y_t = g_t - g_{t-1}, \qquad \rho_t = 1 / y_t^\top s_t \\
            B_{i+1} &= (I - \rho_i s_i y_i^\top)\, B_i\, (I - \rho_i y_i s_i^\top) + \rho_i s_i s_i^\top
            \quad \text{over the last pairs, from } \tfrac{s_t^\top y_t}{y_t^\top y_t} I \\
            \theta_{t+1} &= \theta_t - \eta\, B_t\, g_t, \qquad
            \theta_1 = \theta_0 - \eta \min(1,\, 1/\lVert g_0 \rVert_1)\, g_0
            \end{aligned}""",
        source=(
            "Liu & Nocedal 1989, On the limited memory BFGS method for large scale optimization",
            "https://doi.org/10.1007/BF01589116",
        ),
        differs=(
            "By default without a line search, so it may go uphill. Pairs with negative or no curvature are left out. "
            "It rests once the largest component of the gradient is below 1e-7 or the slope along its direction above "
            "-1e-9. Here one iteration a step and a history of 10, where torch takes 20 and 100; at most 25 "
            "evaluations a step, so that a line search has room in one iteration too."
        ),
    )
    constructor = "torch.optim.LBFGS"
    # torch's default is 5/4 of max_iter. That leaves no evaluation for a line search in a step of one iteration, and
    # cuts 2 iterations to 1.
    fixed: ClassVar[dict[str, Any]] = {"max_eval": 25}
    closure = "backward"
    reach = "model"

    optimizer: Literal["lbfgs"] = "lbfgs"
    lr: Rate = 1.0
    max_iter: int = Field(
        1,
        ge=1,
        le=20,
        title="Iterations",
        description="Iterations of the method in one step",
        json_schema_extra={"unit": "a step", "link": "n"},
    )
    history_size: int = Field(
        10,
        ge=1,
        le=20,
        title="History",
        description="Pairs of steps and gradient changes that are remembered",
        json_schema_extra={"unit": "pairs", "link": "h"},
    )
    line_search: Annotated[str, Choice({"none": "None", "strong-wolfe": "Strong Wolfe"}, "line search")] = Field(
        "none",
        title="Line search",
        description="How the length of the step is chosen: the rate, or a search from it",
        json_schema_extra={"link": "ls"},
    )

    def arguments(self) -> dict[str, Any]:
        hyper = super().arguments()
        return hyper | {"line_search_fn": "strong_wolfe" if hyper.pop("line_search") == "strong-wolfe" else None}

    def work(self, evaluation: float) -> float:
        # Searches take one or two evaluations a step on a smooth loss, 2 to 8 with noise, 13 at a kink and 26 at most.
        evaluations = self.max_iter if self.line_search == "none" else 5
        return 40 * self.max_iter + evaluations * (5 + evaluation)


class Newton(Lane):
    display = Display(
        label="Newton",
        colour="#c603b7",
        rule=r"""\theta_{t+1} = \theta_t - \eta\, (H_t + \delta I)^{-1} g_t
            \qquad \text{saddle-free: } |H_t| \text{ for } H_t""",
        source=(
            "Dauphin et al. 2014, Identifying and attacking the saddle point problem",
            "https://arxiv.org/abs/1406.2572",
        ),
        differs=(
            "The exact Hessian, without a line search. Plain Newton goes to the nearest stationary point of its "
            "quadratic model, a saddle or a maximum too; the saddle-free form takes the absolute eigenvalues. "
            "Directions without curvature are left alone."
        ),
    )
    constructor = "engine.optimizers.newton.DampedNewton"
    fixed: ClassVar[dict[str, Any]] = {}
    closure = "loss"
    reach = "model"

    optimizer: Literal["newton"] = "newton"
    lr: Rate = 1.0
    damping: Real = Field(
        0.0,
        ge=0,
        le=1e6,
        title="Damping",
        description="Added to every curvature, which shortens the step",
        json_schema_extra={"symbol": r"\delta", "link": "d"},
    )
    saddle_free: bool = Field(
        False,
        title="Saddle-free",
        description="Take the absolute curvatures, so that every step leads downhill",
        json_schema_extra={"link": "sf"},
    )

    def work(self, evaluation: float) -> float:
        # A row of the Hessian needs a backward pass through the graphs of both the loss and its gradient.
        return 15 + 5 * evaluation
