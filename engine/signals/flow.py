"""How signals and gradients flow through a plain network and its residual twin, layer by layer."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.nn.capture import capture
from engine.signals.network import Network, batch, build
from engine.signals.spec import StackSpec
from engine.signals.theory import Array, Expected, expected

TWINS = {"plain": "Without shortcuts", "residual": "With shortcuts"}
"""What each twin is called."""

BINS = 60
"""Intervals in a histogram of the sizes of a layer's gradients."""


@dataclass(frozen=True)
class Trace:
    """What flows through one twin's layers for one batch, in float64. Layer l of the trunk is at index l - 1.

    loss: the batch's mean cross-entropy.
    signal: the root mean square over samples of ||h_l||, [depth + 1]; h_0 is the stem's output.
    gradient: the root mean square over samples of ||dL/dh_l||, where L is the sample's own loss, [depth + 1].
    weight_mean: mean |dL/dW_l|, as in the textbooks, [depth].
    weight_gradient, weight: ||dL/dW_l|| and ||W_l||, [depth].
    histogram: how many of W_l's gradients have a size in each interval of ``Flow.edges``, [depth, BINS].
    zero: how many of W_l's gradients are exactly 0, [depth].
    expected: what mean-field theory expects; None where the theory does not apply.
    """

    loss: float
    signal: Array
    gradient: Array
    weight_mean: Array
    weight_gradient: Array
    weight: Array
    histogram: NDArray[np.int64]
    zero: NDArray[np.int64]
    expected: Expected | None

    @property
    def relative(self) -> Array:
        """||dL/dW_l|| / ||W_l||, [depth]; NaN where a weight is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.weight_gradient / self.weight

    def expectation(self, quantity: str) -> Array | None:
        """The curve that mean-field theory expects, [depth + 1]; None where it has no answer.

        quantity: "signal" starts at the stem's measured value, "gradient" at that of the trunk's end. The theory has no
            answer for any other field.
        """
        if self.expected is None or quantity not in ("signal", "gradient"):
            return None
        if quantity == "signal":
            return np.asarray(self.signal[0] * np.sqrt(self.expected.growth))
        back = np.cumprod(self.expected.chi[::-1])[::-1]
        return np.asarray(self.gradient[-1] * np.sqrt(np.append(back, 1.0)))

    def shares(self, layer: int) -> Array:
        """The share of a layer's gradients in each interval, [BINS]. NaN where no gradient is a number.

        layer: its number, from 1. Gradients that are exactly 0 lie in no interval but count in the total.
        """
        counts = self.histogram[layer - 1]
        with np.errstate(invalid="ignore"):
            return np.asarray(counts / (counts.sum() + self.zero[layer - 1]))


def motion(quantity: str) -> int:
    """The direction in which a quantity is computed: 1 from the first layer on, -1 from the last layer back."""
    return 1 if quantity == "signal" else -1


@dataclass(frozen=True)
class Flow:
    """Both twins on the same batch. edges: of the histograms of |dL/dw|, evenly spaced in its logarithm, [BINS + 1]."""

    spec: StackSpec
    plain: Trace
    residual: Trace
    edges: Array

    @property
    def middles(self) -> Array:
        """The geometric mean of each interval's edges, [BINS]."""
        return np.asarray(np.sqrt(self.edges[:-1] * self.edges[1:]))

    def reached(self, quantity: str) -> NDArray[np.int64]:
        """The number of the layer that each value of a quantity belongs to, in the order of ``motion``.

        The stem's output belongs to no layer of the trunk and is given the first one.
        """
        points = len(getattr(self.plain, quantity))
        layers = np.maximum(np.arange(self.spec.depth + 1 - points, self.spec.depth + 1), 1)
        return layers[:: motion(quantity)]

    def table(self) -> pd.DataFrame:
        """One row for each twin and layer. The stem's output is layer 0."""
        frames = []
        for name in TWINS:
            trace: Trace = getattr(self, name)
            absent = [np.nan]
            frames.append(
                pd.DataFrame({
                    "twin": name, "layer": range(len(trace.signal)),
                    "signal": trace.signal, "gradient": trace.gradient,
                    "weight_mean": np.concatenate([absent, trace.weight_mean]),
                    "weight_gradient": np.concatenate([absent, trace.weight_gradient]),
                    "weight": np.concatenate([absent, trace.weight]),
                    "signal_expected": trace.expectation("signal"), "gradient_expected": trace.expectation("gradient"),
                })
            )  # fmt: skip
        return pd.concat(frames, ignore_index=True)


def gradient_flow(spec: StackSpec) -> Flow:
    """Both twins' signals and gradients at the start of training."""
    inputs, labels = batch(spec)
    plain, residual = (signals(network, inputs, labels) for network in build(spec))
    return flow(spec, plain, residual)


@dataclass(frozen=True)
class Signals:
    """One batch sent through one network and its loss sent back.

    loss: the mean cross-entropy. states: h_0 ... h_depth, [N, units] each. slopes: dL/dh of each state.
    weights: W_1 ... W_depth, [outputs, inputs] each. gradients: dL/dW of each weight.
    """

    loss: float
    states: list[Tensor]
    slopes: list[Tensor]
    weights: list[Tensor]
    gradients: list[Tensor]


def signals(network: Network, inputs: Tensor, labels: Tensor) -> Signals:
    """Send a batch through ``network`` and its loss back. No ``grad`` of a parameter is set."""
    seen = capture(network.states(), lambda: nn.functional.cross_entropy(network(inputs), labels))
    weights: dict[str, Tensor] = {f"W_{number}": layer.weight for number, layer in enumerate(network.layers(), 1)}
    found = seen.gradients(seen.outputs | weights)
    return Signals(
        seen.loss.item(),
        [state.detach() for state in seen.outputs.values()],
        [found[name] for name in seen.outputs],
        list(weights.values()),
        [found[name] for name in weights],
    )


def flow(spec: StackSpec, plain: Signals, residual: Signals) -> Flow:
    """Both twins' signals, with histograms over the same intervals."""
    ends = [_ends(gradient) for each in (plain, residual) for gradient in each.gradients]
    low = math.floor(math.log10(min((least for least, _ in ends if least), default=0.1)))
    high = max(math.ceil(math.log10(max((most for _, most in ends if most), default=1.0))), low + 1)
    return Flow(
        spec,
        _trace(spec, plain, False, (low, high)),
        _trace(spec, residual, True, (low, high)),
        np.logspace(low, high, BINS + 1),
    )


def _ends(gradient: Tensor) -> tuple[float, float]:
    """The smallest and the largest |gradient| that is neither 0 nor infinite; (0, 0) if there is none."""
    size = gradient.abs()
    least, most = (float(end) for end in size.aminmax())
    if not 0 < least <= most < math.inf:  # filtering costs several times as much, so it is done only where needed
        size = size[(size > 0) & size.isfinite()]
        least, most = (float(end) for end in size.aminmax()) if len(size) else (0.0, 0.0)
    return least, most


def _trace(spec: StackSpec, each: Signals, residual: bool, decades: tuple[float, float]) -> Trace:
    count = len(each.states[0])
    sizes = [gradient.abs() for gradient in each.gradients]
    weight = np.array([norm(weight.detach()) for weight in each.weights])
    outputs = np.array([len(weight) for weight in each.weights])
    signal = np.array([norm(state) / count**0.5 for state in each.states])
    return Trace(
        each.loss,
        signal,
        np.array([norm(slope) * count**0.5 for slope in each.slopes]),
        np.array([float(size.mean()) for size in sizes]),
        np.array([norm(gradient) for gradient in each.gradients]),
        weight,
        np.array([torch.histc(size.log10(), BINS, *decades).numpy().astype(np.int64) for size in sizes]),
        np.array([int((size == 0).sum()) for size in sizes]),
        expected(spec, residual, weight**2 / outputs, float(signal[0] ** 2 / spec.width)),
    )


def norm(values: Tensor) -> float:
    """The Euclidean norm, summed in float64: the square of a float32 number may overflow or vanish in float32."""
    return float(torch.linalg.vector_norm(values, dtype=torch.float64))
