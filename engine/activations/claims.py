"""Sentences from lectures on activations and initialization, each with the experiment that tests it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.activations.bands import Found, holds
from engine.activations.costs import Costs
from engine.activations.depth import Propagation, Trace
from engine.activations.experiments import COSTS, DEPTH, FUNCTIONS, SEQUENCES
from engine.activations.functions import Comparison
from engine.activations.sequence_claims import SEQUENCE_CLAIMS
from engine.activations.sequence_recorded import recorded_sequence
from engine.activations.spec import CostSpec, DepthSpec, FunctionSpec
from engine.activations.units import Scheme, Unit
from engine.experiment import Claim
from engine.numerals import written

NOTES = ("CS231n, Neural networks part 1", "https://cs231n.github.io/neural-networks-1/")
GLOROT = ("Glorot & Bengio 2010", "https://proceedings.mlr.press/v9/glorot10a.html")
HE = ("He et al. 2015", "https://arxiv.org/abs/1502.01852")
TORCH = ("torch.nn.Linear", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html")
SELU = ("Klambauer et al. 2017", "https://arxiv.org/abs/1706.02515")

KEPT, GONE = 0.1, 1e-3
"""A gradient or signal of at least this share of the first is kept; below the other, it has vanished."""

SPREADS = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Spreads of the inputs at which two functions are compared."""

SHALLOW = 3
"""The number of layers of a shallow network."""


def back(trace: Trace) -> float:
    """The gradient at the first layer, relative to that at the last."""
    gradient = trace.middle("gradient")
    return float(gradient[0] / gradient[-1]) if gradient[-1] else 0.0


def kept(trace: Trace, layers: int) -> float:
    """The signal after this number of layers, relative to that after the first."""
    signal = trace.middle("signal")
    return float(signal[layers - 1] / signal[0])


def sigmoid_vanishes(found: Propagation) -> Found:
    left = back(found.traces[0])
    return holds(left < GONE), f"After {found.spec.depth} layers, {written(left)} of the gradient is left."


def tanh_worse(found: Comparison) -> Found:
    """Pointwise it does where sech(z)^2 < sech(z / 2)^2 / 4, that is, cosh z > 2 cosh(z / 2). On average, nowhere."""
    place = 2 * math.acosh((1 + math.sqrt(3)) / 2)
    tanh, sigmoid = (unit.function(found.spec.formula) for unit in found.spec.units)
    ratios = [tanh.slope_moment(spread**2) / sigmoid.slope_moment(spread**2) for spread in SPREADS]
    return "holds if", (
        f"|z| is above {place:.4g}, where its slope is the smaller one. On average over normal inputs it is wrong: "
        f"with spreads from {SPREADS[0]:g} to {SPREADS[-1]:g}, tanh passes on {min(ratios):.2g} to {max(ratios):.2g} "
        "times the squared gradient."
    )


def not_centred(found: Comparison) -> Found:
    said = ", ".join(f"{each.name} {abs(each.mean):.2f}" for each in found.responses)
    off = [abs(each.mean) > 0.1 for each in found.responses]
    return holds(off[0] and off[1] and not off[2]), f"Size of the mean output for standard normal inputs: {said}."


def relu_keeps(found: Propagation) -> Found:
    left = back(found.traces[0])
    return holds(KEPT < left < 1 / KEPT), f"After {found.spec.depth} layers, {written(left)} of the gradient is left."


def relu_dies(found: Propagation) -> Found:
    relu, leaky = (trace.middle("silent").max() for trace in found.traces)
    return holds(relu > 0.99 and leaky == 0), (
        f"With biases of −3, {relu:.0%} of a layer's ReLUs are silent, and {leaky:.0%} of its leaky ReLUs."
    )


def leaky_signs(found: Comparison) -> Found:
    least = [float(np.nanmin(each.slope)) for each in found.responses]
    said = ", ".join(f"{each.name}: least slope {low:g}" for each, low in zip(found.responses, least, strict=True))
    return "holds if", f"its slope below zero is negative. {said}."


def sigmoid_dear(found: Costs) -> Found:
    cost = found.costs[0]
    return holds(cost.forward > 1.5), (
        f"Forward it takes {cost.forward:.1f} times as long as ReLU, backward {cost.backward:.1f} times, measured here."
    )


def kaiming_for_relu(found: Propagation) -> Found:
    he, xavier = (kept(trace, found.spec.depth) for trace in found.traces)
    return holds(he > KEPT and xavier < GONE), (
        f"After {found.spec.depth} layers of ReLU, {written(he)} of the signal is left with He's weights, and "
        f"{written(xavier)} with Xavier's."
    )


def xavier_for_tanh(found: Propagation) -> Found:
    left = back(found.traces[0])
    return holds(left > KEPT), f"After {found.spec.depth} layers of tanh, {written(left)} of the gradient is left."


def torch_default(found: Propagation) -> Found:
    early, late = (kept(found.traces[0], layers) for layers in (SHALLOW, found.spec.depth))
    return "holds if", (
        f"the network is shallow. After {SHALLOW} layers {written(early)} of the signal is left, after "
        f"{found.spec.depth} layers {written(late)}."
    )


def selu_fixed(found: Propagation) -> Found:
    trace = found.traces[0]
    mean, spread = float(trace.middle("mean")[-1]), float(trace.middle("spread")[-1])
    return holds(abs(mean) < 0.1 and abs(spread - 1) < 0.1), (
        f"Inputs of scale {found.spec.input_scale:g} end with mean {mean:.2g} and spread {spread:.3g}."
    )


def _depth(*schemes: Scheme, **settings: Any) -> DepthSpec:
    return DepthSpec(schemes=schemes, **settings)


def _functions(*names: str) -> FunctionSpec:
    return FunctionSpec(units=tuple(Unit(activation=name) for name in names))


CLAIMS: tuple[tuple[str, Claim[Any, Any]], ...] = (
    ("depth", Claim(
        "Sigmoids are flat far out, so gradients vanish and a deep network can be paralysed.", NOTES, DEPTH,
        _depth(Scheme(activation="sigmoid", initializer="xavier_normal")), sigmoid_vanishes,
    )),
    ("functions", Claim(
        "The gradient of tanh vanishes even more strongly than that of the sigmoid.", NOTES, FUNCTIONS,
        _functions("tanh", "sigmoid"), tanh_worse,
    )),
    ("functions", Claim(
        "The outputs of sigmoid and ReLU are not centred at zero, those of tanh are.", NOTES, FUNCTIONS,
        _functions("sigmoid", "relu", "tanh"), not_centred,
    )),
    ("depth", Claim(
        "With ReLU, gradients do not vanish.", NOTES, DEPTH,
        _depth(Scheme(activation="relu", initializer="he_normal")), relu_keeps,
    )),
    ("depth", Claim(
        "A large negative start kills ReLUs at once. Leaky ReLUs do not die.", NOTES, DEPTH,
        _depth(Scheme(bias=-3.0, initializer="he_normal"),
               Scheme(activation="leaky_relu", bias=-3.0, initializer="he_normal"), depth=10), relu_dies,
    )),
    ("functions", Claim(
        "The derivative of a leaky ReLU may have any sign.", NOTES, FUNCTIONS,
        FunctionSpec(units=(Unit(activation="leaky_relu"), Unit(activation="leaky_relu", a=-0.5))), leaky_signs,
    )),
    ("functions", Claim(
        "Sigmoids are dear to compute.", NOTES, COSTS, CostSpec(units=(Unit(activation="sigmoid"),)), sigmoid_dear,
    )),
    ("depth", Claim(
        "Xavier's initialization suits symmetric activations such as tanh.", GLOROT, DEPTH,
        _depth(Scheme(activation="tanh", initializer="xavier_normal")), xavier_for_tanh,
    )),
    ("depth", Claim(
        "ReLU needs Kaiming's initialization.", HE, DEPTH,
        _depth(Scheme(initializer="he_normal"), Scheme(initializer="xavier_normal"), depth=50), kaiming_for_relu,
    )),
    ("depth", Claim(
        "The defaults of PyTorch are well set.", TORCH, DEPTH, _depth(Scheme(initializer="torch"), depth=50),
        torch_default,
    )),
    ("depth", Claim(
        "With LeCun's initialization, SELU brings mean and spread of the outputs to 0 and 1.", SELU, DEPTH,
        _depth(Scheme(activation="selu", initializer="lecun_normal"), depth=50, width=256, input_scale=0.1), selu_fixed,
    )),
    *SEQUENCE_CLAIMS,
)  # fmt: skip
"""The key of the view that shows it, and the claim."""


@dataclass(frozen=True)
class Verdicts:
    """The verdict on each of ``CLAIMS``, and one sentence with its numbers."""

    found: tuple[Found, ...]

    def finding(self) -> str:
        """How many claims hold, in a sentence."""
        verdicts = [verdict for verdict, _ in self.found]
        return (
            f"Of {len(verdicts)} sentences from lectures, {verdicts.count('holds')} hold, {verdicts.count('holds if')} "
            f"hold under a condition, {verdicts.count('does not hold')} do not hold, and for "
            f"{verdicts.count('undecided')} the seeds do not decide."
        )

    def table(self) -> pd.DataFrame:
        """One row for each claim."""
        return pd.DataFrame([
            {"claim": claim.sentence, "source": claim.source[1], "verdict": verdict, "numbers": numbers}
            for (_, claim), (verdict, numbers) in zip(CLAIMS, self.found, strict=True)
        ])  # fmt: skip


def decide(_: object = None) -> Verdicts:
    """Run the experiment of each claim, or read its recording, and let it decide. Only measured times differ."""
    return Verdicts(tuple(claim.verdict(outcome(claim)) for _, claim in CLAIMS))


def outcome(claim: Claim[Any, Any]) -> Any:
    """The result of the claim's experiment. If there is a recording, nothing is computed anew."""
    kept = recorded_sequence(claim.spec) if claim.experiment is SEQUENCES else None
    return claim.experiment.result(claim.spec) if kept is None else kept
