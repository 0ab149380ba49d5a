"""Measure how signals and gradients flow through a plain network and its residual twin, layer by layer."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.nn.capture import capture
from engine.signals.idle import Idle, idle
from engine.signals.lengths import norm
from engine.signals.network import Network, batch, build
from engine.signals.spec import StackSpec
from engine.signals.theory import Array, Expected, expected
from engine.signals.zeros import Zero, zeros

TWINS = {"plain": "Without shortcuts", "residual": "With shortcuts"}
"""The twins, with the name of each on the page."""

BINS = 60
"""The number of intervals in a histogram of the sizes of a layer's gradients."""


@dataclass(frozen=True)
class Trace:
    """The signals and gradients in one twin's layers for one batch, in float64.

    Layer l of the trunk is at index l - 1 of an array [depth] and at index l of an array [depth + 1].

    loss: the batch's mean cross-entropy.
    signal: the root mean square over samples of ||h_l||, [depth + 1]; h_0 is the stem's output.
    gradient: the root mean square over samples of ||dL/dh_l||, where L is the sample's own loss, [depth + 1].
    weight_mean: mean |dL/dW_l|, as in the textbooks, [depth].
    weight_gradient, weight: ||dL/dW_l|| and ||W_l||, [depth].
    histogram: how many entries of dL/dW_l have a size in each interval of ``Flow.edges``, [depth, BINS].
    zero: how many entries of dL/dW_l are exactly 0, [depth]. causes: why dL/dW_l is exactly 0, for each such l.
    idle: the silent and the saturated units of each layer, first to last.
    expected: the prediction of mean-field theory; None if the theory does not apply.
    """

    loss: float
    signal: Array
    gradient: Array
    weight_mean: Array
    weight_gradient: Array
    weight: Array
    histogram: NDArray[np.int64]
    zero: NDArray[np.int64]
    causes: tuple[Zero, ...]
    idle: tuple[Idle, ...]
    expected: Expected | None

    @property
    def relative(self) -> Array:
        """||dL/dW_l|| / ||W_l||, [depth]; not finite if W_l is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.weight_gradient / self.weight

    def expectation(self, quantity: str) -> Array | None:
        """The curve that mean-field theory predicts, [depth + 1]; None if the theory has no answer.

        quantity: a field. For "signal" the curve starts at the measured value of the stem, for "gradient" at the
            measured value of the trunk's end. The theory has no answer for any other field.
        """
        if self.expected is None or quantity not in ("signal", "gradient"):
            return None
        if quantity == "signal":
            return np.asarray(self.signal[0] * np.sqrt(self.expected.growth))
        back = np.cumprod(self.expected.chi[::-1])[::-1]
        return np.asarray(self.gradient[-1] * np.sqrt(np.append(back, 1.0)))

    def shares(self, layer: int) -> Array:
        """The share of a layer's gradients in each interval, [BINS]; NaN if no gradient is a number.

        layer: the number of the layer, counted from 1. Gradients that are exactly 0 lie in no interval, but they count
            in the total.
        """
        counts = self.histogram[layer - 1]
        with np.errstate(invalid="ignore"):
            return np.asarray(counts / (counts.sum() + self.zero[layer - 1]))


def motion(quantity: str) -> int:
    """The order in which a quantity is computed: 1 from the first layer to the last, -1 from the last to the first."""
    return 1 if quantity == "signal" else -1


@dataclass(frozen=True)
class Flow:
    """The signals and gradients of both twins for the same batch.

    edges: the ends of the intervals of the histograms of |dL/dw|, evenly spaced on a logarithmic scale, [BINS + 1].
    """

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

        The stem's output belongs to no layer of the trunk. Here it counts as part of the first layer.
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
                    "silent": [np.nan, *(layer.silent for layer in trace.idle)],
                    "saturated": [np.nan, *(layer.saturated for layer in trace.idle)],
                    "signal_expected": trace.expectation("signal"), "gradient_expected": trace.expectation("gradient"),
                })
            )  # fmt: skip
        return pd.concat(frames, ignore_index=True)


def gradient_flow(spec: StackSpec) -> Flow:
    """Compute both twins' signals and gradients at the start of training."""
    inputs, labels = batch(spec)
    plain, residual = (signals(network, inputs, labels) for network in build(spec))
    return flow(spec, plain, residual)


@dataclass(frozen=True)
class Signals:
    """The results of one forward pass and one backward pass of a batch through one network.

    loss: the mean cross-entropy. states: h_0 ... h_depth, [N, units] each. slopes: dL/dh of each state.
    weights: W_1 ... W_depth, [outputs, inputs] each. gradients: dL/dW of each weight. causes: why some of them are 0.
    idle: the idle units of layers 1 ... depth.
    """

    loss: float
    states: list[Tensor]
    slopes: list[Tensor]
    weights: list[Tensor]
    gradients: list[Tensor]
    causes: tuple[Zero, ...]
    idle: tuple[Idle, ...]


def signals(network: Network, inputs: Tensor, labels: Tensor) -> Signals:
    """Run one forward pass and one backward pass of a batch through ``network``. No parameter's ``grad`` is set."""
    layers = {f"layer_{number}": layer for number, layer in enumerate(network.layers(), 1)}
    parts: dict[str, nn.Module] = {name: layer if layer.before else layer.linear for name, layer in layers.items()}
    states = network.states()
    seen = capture(states | parts, lambda: nn.functional.cross_entropy(network(inputs), labels))
    weights: dict[str, Tensor] = {name: layer.linear.weight for name, layer in layers.items()}
    found = seen.gradients({name: seen.outputs[name] for name in states} | weights)
    gradients = [found[name] for name in weights]
    return Signals(
        seen.loss.item(),
        [seen.outputs[name].detach() for name in states],
        [found[name] for name in states],
        list(weights.values()),
        gradients,
        () if all(gradient.count_nonzero() for gradient in gradients) else zeros(network, inputs, labels),
        tuple(idle(layer, (seen.inputs if layer.before else seen.outputs)[name]) for name, layer in layers.items()),
    )


def flow(spec: StackSpec, plain: Signals, residual: Signals) -> Flow:
    """Combine the signals of both twins. Their histograms have the same intervals."""
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
    """The smallest and the largest |gradient| among those that are finite and not 0; (0, 0) if there are none."""
    size = gradient.abs()
    least, most = (float(end) for end in size.aminmax())
    if not 0 < least <= most < math.inf:  # filtering takes several times as long, so it is done only if needed
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
        each.causes,
        each.idle,
        expected(spec, residual, weight**2 / outputs, float(signal[0] ** 2 / spec.width)),
    )
