"""Send a batch through deep networks with different schemes, and measure each layer on the way there and back."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.activations.meanfield import Prediction, predict
from engine.activations.spec import DepthSpec
from engine.activations.units import Scheme, names
from engine.data.samples import SAMPLES
from engine.nn import INITIALIZERS, Activation, Layer
from engine.nn.capture import capture
from engine.signals import norm

Array = NDArray[np.float64]

CLASSES = 10
"""The number of classes of the labels, which are drawn at random."""

BINS, REACH = 81, 4.0
"""A histogram of a layer's outputs has this many intervals, over this many root mean squares on both sides of 0."""

COUNTED = 65_536
"""About how many outputs of a layer its histogram counts."""

FIELDS = ("mean", "spread", "silent", "flat", "signal", "gradient", "weight_gradient", "update")
"""The fields of ``Trace`` that hold one number for each draw and layer."""


@dataclass(frozen=True)
class Trace:
    """What was measured in one network, for each draw of its weights. Layer l is at index l - 1.

    loss: the batch's mean cross-entropy, [draws].
    mean, spread: of all outputs of a layer, [draws, depth].
    silent: the share of units whose output and slope are 0 for every input. flat: the share of slopes below the
        threshold. Both are NaN where the outputs are not finite.
    signal: the root mean square of ||h_l|| over the inputs. gradient: that of ||dL/dh_l||, where L is an input's loss.
    weight_gradient: ||dL/dW_l||. update: the logarithm to base 10 of the length of a gradient descent step in W_l,
        divided by ||W_l||.
    histogram: for the first draw, the share of outputs in each of ``BINS`` intervals, of h_l divided by its root mean
        square, [depth, BINS]; NaN where h_l is 0 or not finite. If a layer has more than ``COUNTED`` outputs, only
        those of the first inputs are counted.
    predicted: what mean-field theory predicts.
    """

    name: str
    colour: str
    loss: Array
    mean: Array
    spread: Array
    silent: Array
    flat: Array
    signal: Array
    gradient: Array
    weight_gradient: Array
    update: Array
    histogram: Array
    predicted: Prediction

    def middle(self, quantity: str) -> Array:
        """The mean over the draws, [depth]. For a norm it is the root mean square, which the theory is about."""
        values = np.asarray(getattr(self, quantity))
        with np.errstate(over="ignore", invalid="ignore"):
            if quantity in ("signal", "gradient", "weight_gradient"):
                return np.asarray(np.sqrt((values**2).mean(0)))
            return np.asarray(values.mean(0))

    def error(self, quantity: str) -> Array:
        """The standard error of ``middle``, [depth]; NaN if there is only one draw."""
        values = np.asarray(getattr(self, quantity))
        if len(values) == 1:
            return np.full(values.shape[1], np.nan)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if quantity in ("signal", "gradient", "weight_gradient"):
                squares = (values**2).std(0, ddof=1) / math.sqrt(len(values))
                return np.asarray(squares / (2 * self.middle(quantity)))
            return np.asarray(values.std(0, ddof=1) / math.sqrt(len(values)))

    def factors(self) -> tuple[float, float, float]:
        """The factor of the squared gradient per layer on its way back, a geometric mean over the layers.

        Returns its mean over the draws, its standard error, and what the theory predicts; NaN where there is none.
        """
        draws, depth = self.gradient.shape
        if depth == 1:
            return math.nan, math.nan, math.nan
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = (self.gradient[:, 0] / self.gradient[:, -1]) ** (2 / (depth - 1))
            error = found.std(ddof=1) / math.sqrt(draws) if draws > 1 else math.nan
            predicted = np.exp(np.log(self.predicted.chi[1:]).mean())
        return float(found.mean()), float(error), float(predicted)

    def expectation(self, quantity: str) -> Array | None:
        """The curve that the theory predicts, [depth]; None if it has no answer for this quantity."""
        if quantity not in ("signal", "gradient"):
            return None
        if quantity == "signal":
            return np.asarray(np.sqrt(self.predicted.moment * self.predicted.width))
        with np.errstate(over="ignore", invalid="ignore"):
            back = np.append(np.cumprod(self.predicted.chi[:0:-1])[::-1], 1.0)
            return np.asarray(self.middle("gradient")[-1] * np.sqrt(back))


@dataclass(frozen=True)
class Propagation:
    """What became of one batch in each network of ``spec``. chance: ln C, the loss of a guess among C classes."""

    spec: DepthSpec
    traces: tuple[Trace, ...]
    chance: float

    @property
    def middles(self) -> Array:
        """The middle of each interval of the histograms, [BINS]."""
        edges = np.linspace(-REACH, REACH, BINS + 1)
        return np.asarray((edges[1:] + edges[:-1]) / 2)

    def summary(self) -> pd.DataFrame:
        """One row for each network: its loss, what is left of signal and gradient, worst layers, and ``factors``."""
        rows = []
        for trace in self.traces:
            signal, gradient = trace.middle("signal"), trace.middle("gradient")
            factor, error, predicted = trace.factors()
            with np.errstate(divide="ignore", invalid="ignore"):
                rows.append({
                    "name": trace.name, "loss": trace.loss.mean(), "signal": signal[-1] / signal[0],
                    "gradient": gradient[0] / gradient[-1], "chi": trace.predicted.chi[-1],
                    "silent": trace.middle("silent").max(), "flat": trace.middle("flat").max(),
                    "factor": factor, "factor_error": error, "factor_predicted": predicted,
                })  # fmt: skip
        return pd.DataFrame(rows)

    def table(self) -> pd.DataFrame:
        """One row for each network, draw and layer."""
        frames = []
        for trace in self.traces:
            draws, depth = trace.mean.shape
            columns = {name: np.asarray(getattr(trace, name)).ravel() for name in FIELDS}
            frames.append(
                pd.DataFrame({
                    "network": trace.name, "draw": np.repeat(np.arange(draws), depth),
                    "layer": np.tile(np.arange(1, depth + 1), draws), "loss": np.repeat(trace.loss, depth), **columns,
                })
            )  # fmt: skip
        return pd.concat(frames, ignore_index=True)


def propagate(spec: DepthSpec) -> Propagation:
    """Send the batch of ``spec`` through each network and back. Raises DataUnavailable if there are no digits here."""
    inputs, labels = batch(spec)
    traces = [
        _trace(spec, name, scheme, inputs, labels)
        for name, scheme in zip(names(spec.schemes), spec.schemes, strict=True)
    ]
    return Propagation(spec, tuple(traces), math.log(CLASSES))


def batch(spec: DepthSpec) -> tuple[Tensor, Tensor]:
    """The inputs [batch, d] with a mean square of about ``input_scale`` squared, and random labels [batch]."""
    generator = torch.Generator().manual_seed(spec.seed + 1)
    labels = torch.randint(CLASSES, (spec.batch,), generator=generator)
    if spec.inputs == "normal":
        inputs = torch.randn(spec.batch, spec.width, generator=generator)
    else:
        inputs, *_ = SAMPLES[spec.inputs].load(spec.batch, spec.seed)
    return spec.input_scale * inputs, labels


class Network(nn.Module):
    """Layers of one scheme and a linear head: inputs [N, d] -> logits [N, classes]."""

    def __init__(self, layers: list[Layer], head: nn.Linear) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.head = head

    def forward(self, rows: Tensor) -> Tensor:
        for layer in self.layers:
            rows = layer(rows)
        logits: Tensor = self.head(rows)
        return logits


def build(spec: DepthSpec, scheme: Scheme, inputs: int, seed: int, classes: int = CLASSES) -> Network:
    """Draw the network of ``scheme`` for inputs of length ``inputs``. Its head has weights of variance last^2 / n.

    If no gain keeps a signal, because E f^2 is 0, infinite or has no value, the initialization gets the gain 1.
    """
    generator = torch.Generator().manual_seed(seed)
    layers = []
    for number, activation in enumerate(spec.activations(scheme)):
        entering = spec.width if number else inputs
        layer = Layer(entering, spec.width, activation.f)
        weight = INITIALIZERS[scheme.initializer].draw(spec.width, entering, own_gain(activation), generator)
        layer.linear.weight.data = weight if scheme.gain == 1 else scheme.gain * weight
        layer.linear.bias.data.normal_(scheme.bias, scheme.bias_spread, generator=generator)
        layers.append(layer)
    head = nn.Linear(spec.width, classes)
    head.weight.data.normal_(0, 1 / math.sqrt(spec.width), generator=generator).mul_(spec.last)
    head.bias.data.zero_()
    return Network(layers, head)


@lru_cache(maxsize=64)
def own_gain(activation: Activation) -> float:
    """The gain that an initialization is given: that of ``activation``, or 1 if no gain keeps a signal."""
    return activation.gain if 0 < activation.gain < math.inf else 1.0


def variance(scheme: Scheme, activation: Activation, width: int) -> float:
    """sigma_w^2: ``width`` times the expected square of a weight between two layers."""
    return scheme.gain**2 * width * INITIALIZERS[scheme.initializer].square(width, width, own_gain(activation))


def _trace(spec: DepthSpec, name: str, scheme: Scheme, inputs: Tensor, labels: Tensor) -> Trace:
    drawn = [
        measured(spec, build(spec, scheme, inputs.shape[1], spec.seed + 7919 * draw), inputs, labels, draw == 0)
        for draw in range(spec.draws)
    ]
    columns = {field: np.array([each[field] for each in drawn]) for field in FIELDS}
    start = float(inputs.double().square().mean())
    variances = np.mean([each["variance"] for each in drawn], axis=0)
    return Trace(
        name,
        scheme.function(spec.formula).colour,
        np.array([each["loss"] for each in drawn]),
        **columns,
        histogram=np.array(drawn[0]["histogram"]),
        predicted=predict(spec.activations(scheme), variances, scheme.bias, scheme.bias_spread, start, spec.width),
    )


def measured(spec: DepthSpec, network: Network, inputs: Tensor, labels: Tensor, histograms: bool) -> dict[str, Any]:
    """Everything that ``Trace`` needs of one network, by its fields, and n times the mean square of each weight."""
    layers = [module for module in network.layers if isinstance(module, Layer)]
    states: dict[str, nn.Module] = {f"h_{number}": layer for number, layer in enumerate(layers, 1)}
    inner: dict[str, nn.Module] = {f"z_{number}": layer.linear for number, layer in enumerate(layers, 1)}
    seen = capture(states | inner, lambda: nn.functional.cross_entropy(network(inputs), labels))
    weights: dict[str, Tensor] = {f"W_{number}": layer.linear.weight for number, layer in enumerate(layers, 1)}
    slopes = seen.gradients({name: seen.outputs[name] for name in states} | weights)
    found: dict[str, list[float]] = {field: [] for field in (*FIELDS, "variance")}
    histogram = []
    root = math.sqrt(len(inputs))
    for number, layer in enumerate(layers, 1):
        state, weight = seen.outputs[f"h_{number}"].detach(), layer.linear.weight.detach()
        point = seen.outputs[f"z_{number}"].detach().requires_grad_()
        (slope,) = torch.autograd.grad(layer.activation(point).sum(), point)
        size = slope.abs()
        idle = (size.amax(0) == 0) & (state.abs().amax(0) == 0)
        mean, signal, scale = float(state.mean()), length(state) / root, length(weight)
        step = length(slopes[f"W_{number}"])
        found["mean"].append(mean)
        found["spread"].append(length(state - mean) / math.sqrt(state.numel()))
        lost = not math.isfinite(signal)  # then there is nothing to count
        found["silent"].append(math.nan if lost else int(idle.sum()) / len(idle))
        found["flat"].append(math.nan if lost else int((size < spec.threshold).count_nonzero()) / size.numel())
        found["signal"].append(signal)
        found["gradient"].append(length(slopes[f"h_{number}"]) * root)
        found["weight_gradient"].append(step)
        found["update"].append(math.log10(spec.rate * step / scale) if 0 < step < math.inf and scale > 0 else math.nan)
        found["variance"].append(scale**2 / len(weight))
        if histograms:
            histogram.append(shares(state[: max(COUNTED // spec.width, 1)], signal / math.sqrt(spec.width)))
    return {**found, "loss": seen.loss.item(), "histogram": histogram}


def length(values: Tensor) -> float:
    """The Euclidean norm. It is summed in float32, or in float64 if its square could overflow or vanish there."""
    flat = values.reshape(-1)
    square = float(flat @ flat)
    return math.sqrt(square) if 1e-25 < square < 1e35 else norm(values)


def shares(state: Tensor, size: float) -> Array:
    """The share of outputs in each interval, of ``state`` divided by ``size``, [BINS]; NaN if that is not possible."""
    if not 0 < size < math.inf:
        return np.full(BINS, np.nan)
    counts = torch.histc(state / size, BINS, -REACH, REACH)
    return np.asarray(counts.double().numpy() / state.numel())
