r"""LocoProp's local problems: the losses that they minimize, and the known algorithms that they are equal to.

The notation is that of ``engine.optimizers.locoprop``. For one layer and a batch of N rows: input X with a last column
of ones, pre-activation A = X W^T, activation f(A), slope D = dL/dA of the mean loss L, activation step gamma.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd
import torch

from engine.nn import Transfer
from engine.optimizers import RACERS
from engine.optimizers.layered import LOCOPROP, LocoPropLane, LocoPropM, LocoPropS


def induced(transfer: Transfer, target: float, low: float, high: float, count: int) -> pd.DataFrame:
    """The local losses of one unit whose target is the pre-activation a*, at ``count`` points in [low, high].

    The columns are float64. at: pre-activations a'. matching: D(a', a*), the divergence of the transfer function's
    potential. slope: f(a') - f(a*). squared: (a' - a*)^2 / 2, which is the matching loss of the identity.
    squared_slope: a' - a*. Softmax has no such losses, because it couples the units.
    """
    at = torch.linspace(low, high, count, dtype=torch.float64)[:, None]
    goal = torch.full_like(at, target)
    return pd.DataFrame(
        {
            "at": at[:, 0],
            "matching": transfer.divergence(at, goal),
            "slope": (transfer.f(at) - transfer.f(goal))[:, 0],
            "squared": 0.5 * (at - goal)[:, 0].square(),
            "squared_slope": (at - goal)[:, 0],
        }
    )


LOSSES: Mapping[str, str] = MappingProxyType(
    {"squared": r"\tfrac12 \lVert A' - A^* \rVert^2", "matching": r"F(A') - Y^* \cdot A'"}
)
"""The local losses in LaTeX, summed over the batch, with A' = X W'^T and F' = f."""

TARGETS: Mapping[str, str] = MappingProxyType(
    {
        "squared": r"A^* = A - \gamma\, \partial L/\partial A",
        "matching": r"Y^* = f(A) - \gamma\, \partial L/\partial A",
    }
)
"""The target of each loss in LaTeX: one step against the slope, before or after the transfer function."""


LANES: Mapping[str, type[LocoPropM | LocoPropS]] = MappingProxyType({"squared": LocoPropS, "matching": LocoPropM})
"""Local loss -> the record of LocoProp with this loss. A local algorithm is such a record with its settings."""


def problem(lane: LocoPropLane) -> str:
    """The problem that each layer minimizes, in LaTeX."""
    held = rf" + \tfrac{{{lane.regularizer:g}}}{{2}} \lVert W' - W \rVert^2" if lane.regularizer else ""
    where = r", \quad F' = f" if lane.local_loss == "matching" else ""
    return rf"\min_{{W'}}\; {LOSSES[lane.local_loss]}{held}{where}"


@dataclass(frozen=True)
class Recovery:
    """A known algorithm that a lane of LocoProp equals. formula: its step in LaTeX. sources: (title, address) each."""

    name: str
    formula: str
    sentence: str
    sources: tuple[tuple[str, str], ...]


def recovers(lane: LocoPropLane) -> Recovery | None:
    """The known algorithm that ``lane`` is equal to, in exact arithmetic on any batch. None if there is none."""
    if lane.inner == "exact":
        return PROXIMAL
    if lane.steps == 1:
        return FIRST_STEP.get(lane.inner)
    if lane.local_loss == "squared" and lane.inner == "sgd":
        return LANDWEBER.get(lane.local_schedule)
    return PUBLISHED.get(lane)


PROXIMAL = Recovery(
    "FOOF: K-FAC with its input factor alone",
    r"\Delta W = -\gamma\, \frac{\partial L}{\partial W}\, (X^\top X + \lambda I)^{-1}",
    "K-FAC's step with the identity for its output factor and this batch's XᵀX/N, not a running average, for its input"
    " factor, with damping λ/N and rate γ/N; also ProxProp's exact proximal step of size 1/λ, taken γ times over.",
    (
        (
            "Benzing 2022, Gradient descent on neurons and its link to approximate second-order optimization",
            "https://arxiv.org/abs/2201.12250",
        ),
        ("Frerix et al. 2018, Proximal backpropagation", "https://arxiv.org/abs/1706.04638"),
    ),
)

_ANY = "With one local step the loss and the regularizer make no difference: "

FIRST_STEP: Mapping[str, Recovery] = MappingProxyType(
    {
        "sgd": Recovery(
            "Back-propagation",
            r"\Delta W = -\eta\gamma\, \frac{\partial L}{\partial W}",
            _ANY + "it is gradient descent on the whole loss with rate ηγ.",
            (
                (
                    "Rumelhart, Hinton & Williams 1986, Learning representations by back-propagating errors",
                    "https://doi.org/10.1038/323533a0",
                ),
            ),
        ),
        "momentum": Recovery(
            "Momentum",
            r"V \leftarrow \mu V + \frac{\partial L}{\partial W}, \qquad \Delta W = -\eta\gamma\, V",
            _ANY + "it is the heavy ball on the whole loss with rate ηγ.",
            (RACERS["momentum"].display.source,),
        ),
        "nesterov": Recovery(
            "Nesterov momentum",
            r"V \leftarrow \mu V + \frac{\partial L}{\partial W}, \qquad"
            r" \Delta W = -\eta\gamma \left(\frac{\partial L}{\partial W} + \mu V\right)",
            _ANY + "it is Nesterov's momentum on the whole loss with rate ηγ.",
            (RACERS["nesterov"].display.source,),
        ),
        "adagrad": Recovery(
            "Adagrad",
            r"\Delta W = -\eta\, \frac{\partial L/\partial W}{\sqrt{\sum (\partial L/\partial W)^2} + \epsilon/\gamma}",
            _ANY + "it is Adagrad on the whole loss with the same rate; γ only divides ε.",
            (RACERS["adagrad"].display.source,),
        ),
        "adam": Recovery(
            "Adam",
            r"\Delta W = -\eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon/\gamma}",
            _ANY + "it is Adam on the whole loss with the same rate; γ only divides ε.",
            (RACERS["adam"].display.source,),
        ),
        "rmsprop": Recovery(
            "RMSprop, TensorFlow's",
            r"M \leftarrow \mu M + \eta\, \frac{\partial L/\partial W}{\sqrt{S + \epsilon/\gamma^2}}, \qquad"
            r" \Delta W = -M, \qquad S_0 = 1/\gamma^2",
            _ANY + "it is RMSprop on the whole loss with the same rate; γ² divides ε and the mean square's start.",
            (RACERS["rmsprop"].display.source,),
        ),
    }
)
"""Inner optimizer -> recovery after one local step. The first local gradient is γ dL/dW for both local losses."""

_EARLY = (
    "Gradient descent on least squares, stopped after T steps: back-propagation at T = 1; while η is below 2 over the"
    " largest eigenvalue of H it tends to FOOF's step as T grows, where H can be inverted."
)
_LANDWEBER_1951 = (
    "Landweber 1951, An iteration formula for Fredholm integral equations of the first kind",
    "https://doi.org/10.2307/2372313",
)

LANDWEBER: Mapping[str, Recovery] = MappingProxyType(
    {
        "constant": Recovery(
            "Landweber iteration: FOOF stopped early",
            r"\Delta W = -\eta\gamma\, \frac{\partial L}{\partial W} \sum_{j<T} (I - \eta H)^j,"
            r" \qquad H = X^\top X + \lambda I",
            _EARLY,
            (_LANDWEBER_1951, PROXIMAL.sources[0]),
        ),
        "linear": Recovery(
            "Landweber iteration with falling steps: FOOF stopped early",
            r"\Delta W = -\gamma\, \frac{\partial L}{\partial W}"
            r" \sum_{j<T} \eta_j \prod_{j<i<T} (I - \eta_i H), \qquad H = X^\top X + \lambda I,"
            r" \quad \eta_j = \eta \max(1 - \tfrac jT, \tfrac14)",
            _EARLY,
            (_LANDWEBER_1951, PROXIMAL.sources[0]),
        ),
    }
)
"""Local schedule -> recovery."""

_NOTEBOOK = (
    "The authors' notebook",
    "https://github.com/google-research/google-research/blob/master/locoprop/locoprop_training.ipynb",
)

PUBLISHED: Mapping[LocoPropLane, Recovery] = MappingProxyType(
    {
        LocoPropM(): Recovery(
            "LocoProp-M as published",
            r"W \leftarrow 10 \text{ steps of RMSprop along } (f(A') - Y^*)^\top X",
            "The authors' recipe: the matching loss without a regularizer. It takes few, small steps.",
            (LOCOPROP, _NOTEBOOK),
        ),
        LocoPropS(): Recovery(
            "LocoProp-S as in the authors' notebook",
            r"W \leftarrow 10 \text{ steps of RMSprop along } (A' - A^*)^\top X",
            "The authors' squared loss with their notebook's defaults, LocoProp-M's; no run of it is published.",
            (LOCOPROP, _NOTEBOOK),
        ),
    }
)
