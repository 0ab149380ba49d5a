"""How signals and gradients flow through a plain network and its residual twin."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.signals.network import Network, batch, build
from engine.signals.spec import StackSpec
from engine.signals.theory import Expected, expected

Array = NDArray[np.float64]

TWINS = {"plain": "Without shortcuts", "residual": "With shortcuts"}
"""What each twin is called."""

BINS = 60
"""Of a histogram of the sizes of a layer's gradients."""


@dataclass(frozen=True)
class Trace:
    """What one twin's layers look like for one batch; layer l of the trunk is place l - 1, in float64.

    loss: of the batch. signal: the root mean square over samples of ||h_l||, the stem's first, [depth + 1].
    gradient: the same of ||dL/dh_l||, each sample's own loss, [depth + 1].
    weight_mean: mean |dL/dW_l|, as in the textbooks. weight_gradient: ||dL/dW_l||. weight: ||W_l||; [depth] each.
    histogram: how many of W_l's gradients have a size in each of ``Flow.edges``' intervals, [depth, BINS].
    zero: how many are exactly 0, [depth]. expected: by mean-field theory, where it says something.
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
        """What theory expects of "signal", from the stem's own on, or of "gradient", back from the trunk's end,
        [depth + 1]; None where it says nothing."""
        if self.expected is None or quantity not in ("signal", "gradient"):
            return None
        if quantity == "signal":
            return np.asarray(self.signal[0] * np.sqrt(self.expected.growth))
        back = np.cumprod(self.expected.chi[::-1])[::-1]
        return np.asarray(self.gradient[-1] * np.sqrt(np.append(back, 1.0)))

    def shares(self, layer: int) -> Array:
        """The share of layer ``layer``'s gradients, from 1, in each interval, [BINS]; exact zeros are in none. NaN
        where no gradient is a number."""
        counts = self.histogram[layer - 1]
        with np.errstate(invalid="ignore"):
            return np.asarray(counts / (counts.sum() + self.zero[layer - 1]))


def motion(quantity: str) -> int:
    """Which way a quantity comes about: 1 from the first layer on, -1 from the last one back."""
    return 1 if quantity == "signal" else -1


@dataclass(frozen=True)
class Flow:
    """Both twins on the same batch. edges: of the histograms, decades of |dL/dw|, [BINS + 1]."""

    spec: StackSpec
    plain: Trace
    residual: Trace
    edges: Array

    @property
    def middles(self) -> Array:
        """The geometric mean of each interval's edges, [BINS]."""
        return np.asarray(np.sqrt(self.edges[:-1] * self.edges[1:]))

    def reached(self, quantity: str) -> NDArray[np.int64]:
        """The layer that stands at each place of a quantity, in the order in which the quantity comes about: a signal's
        from the first on, all others from the last back. A state without a layer, the stem's output, has the first."""
        points = len(getattr(self.plain, quantity))
        layers = np.maximum(np.arange(self.spec.depth + 1 - points, self.spec.depth + 1), 1)
        return layers[:: motion(quantity)]

    def table(self) -> pd.DataFrame:
        """One row a twin and layer, the stem's output as layer 0."""
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
    plain, residual = (passed(network, inputs, labels) for network in build(spec))
    return flow(spec, plain, residual)


@dataclass(frozen=True)
class Passed:
    """One forward and backward pass: the states with their gradients, the weights with theirs, the loss."""

    loss: float
    states: list[Tensor]
    slopes: list[Tensor]
    weights: list[Tensor]
    gradients: list[Tensor]


def passed(network: Network, inputs: Tensor, labels: Tensor) -> Passed:
    """Send a batch through ``network`` and its loss back; the network's own gradients stay as they are."""
    states = network.states(inputs)
    weights: list[Tensor] = [layer.weight for layer in network.layers()]
    loss = nn.functional.cross_entropy(network.logits(states[-1]), labels)
    gradients = torch.autograd.grad(loss, states + weights)
    count = len(states)
    return Passed(
        loss.item(), [state.detach() for state in states], list(gradients[:count]), weights, list(gradients[count:])
    )


def flow(spec: StackSpec, plain: Passed, residual: Passed) -> Flow:
    """What both passes show, on common decades."""
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
    """The least and the greatest size that is neither 0 nor infinite; (0, 0) where there is none."""
    size = gradient.abs()
    least, most = (float(end) for end in size.aminmax())
    if not 0 < least <= most < math.inf:  # sorting them out costs a multiple
        size = size[(size > 0) & size.isfinite()]
        least, most = (float(end) for end in size.aminmax()) if len(size) else (0.0, 0.0)
    return least, most


def _trace(spec: StackSpec, each: Passed, residual: bool, decades: tuple[float, float]) -> Trace:
    count = len(each.states[0])
    sizes = [gradient.abs() for gradient in each.gradients]
    weight = np.array([size(weight.detach()) for weight in each.weights])
    outputs = np.array([len(weight) for weight in each.weights])
    signal = np.array([size(state) / count**0.5 for state in each.states])
    return Trace(
        each.loss,
        signal,
        np.array([size(slope) * count**0.5 for slope in each.slopes]),
        np.array([float(size.mean()) for size in sizes]),
        np.array([size(gradient) for gradient in each.gradients]),
        weight,
        np.array([torch.histc(size.log10(), BINS, *decades).numpy().astype(np.int64) for size in sizes]),
        np.array([int((size == 0).sum()) for size in sizes]),
        expected(spec, residual, weight**2 / outputs, float(signal[0] ** 2 / spec.width)),
    )


def size(values: Tensor) -> float:
    """The Euclidean norm, summed in float64: squares of numbers that float32 holds leave it on both sides."""
    return float(torch.linalg.vector_norm(values, dtype=torch.float64))
