"""How signals and gradients flow through a plain network and its residual twin."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.residuals.network import Network, batch, build
from engine.residuals.spec import ResidualSpec
from engine.residuals.theory import Expected, expected

Array = NDArray[np.float64]

TWINS = ("plain", "residual")

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


@dataclass(frozen=True)
class Flow:
    """Both twins on the same batch. edges: of the histograms, decades of |dL/dw|, [BINS + 1]."""

    spec: ResidualSpec
    plain: Trace
    residual: Trace
    edges: Array

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
                })
            )  # fmt: skip
        return pd.concat(frames, ignore_index=True)


def gradient_flow(spec: ResidualSpec) -> Flow:
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


def flow(spec: ResidualSpec, plain: Passed, residual: Passed) -> Flow:
    """What both passes show, on common decades."""
    sizes = [gradient.abs() for each in (plain, residual) for gradient in each.gradients]
    least = min((float(size[size > 0].min()) for size in sizes if (size > 0).any()), default=1e-1)
    most = max((float(size[size.isfinite()].max()) for size in sizes if size.isfinite().any()), default=1.0)
    low, high = np.floor(np.log10(least)), np.ceil(np.log10(max(most, least)))
    ends = float(low), float(max(high, low + 1))
    return Flow(
        spec, _trace(spec, plain, False, ends), _trace(spec, residual, True, ends), np.logspace(*ends, BINS + 1)
    )


def _trace(spec: ResidualSpec, each: Passed, residual: bool, decades: tuple[float, float]) -> Trace:
    count = len(each.states[0])
    sizes = [gradient.abs() for gradient in each.gradients]
    variances = np.array([weight.shape[1] * float(weight.detach().double().square().mean()) for weight in each.weights])
    start = float(each.states[0].double().square().mean())
    return Trace(
        each.loss,
        np.array([_size(state) / count**0.5 for state in each.states]),
        np.array([_size(slope) * count**0.5 for slope in each.slopes]),
        np.array([float(size.mean(dtype=torch.float64)) for size in sizes]),
        np.array([_size(gradient) for gradient in each.gradients]),
        np.array([_size(weight.detach()) for weight in each.weights]),
        np.array([torch.histc(size.log10(), BINS, *decades).numpy().astype(np.int64) for size in sizes]),
        np.array([int((size == 0).sum()) for size in sizes]),
        expected(spec, residual, variances, start),
    )


def _size(values: Tensor) -> float:
    return float(values.double().norm())
