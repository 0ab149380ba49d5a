"""Activation functions by themselves: values, slopes, and what they do to normal inputs, measured and by quadrature."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.activations.spec import FunctionSpec
from engine.activations.units import names
from engine.nn import Activation
from engine.nn.activations import expectation

Array = NDArray[np.float64]

DRAWN_SPAN, POINTS = 6.0, 601
"""The functions are drawn over [-DRAWN_SPAN, DRAWN_SPAN], at this many points. Zero is one of them."""

INPUTS_DRAWN = 20_000
"""The number of inputs that are drawn to measure the moments."""

BINS = 100
"""The number of intervals in a histogram of outputs."""

NODES = 80_000
"""Nodes of the quadrature. A jump of a slope away from zero then costs at most 1e-4 of its height."""

FAR = 1e8
"""How far the table looks. A function that still grows by a twentieth over the next decade has no bound."""


@dataclass(frozen=True)
class Character:
    """What a function is like, found by looking at a dense grid over [-FAR, FAR].

    low, high: the ends of its range; infinite if it grows without bound. monotone: it never falls, or it never rises.
    centred: its mean output for standard normal inputs is below 1e-6 in size.
    flat: the share of standard normal inputs where the slope is below the spec's threshold in size.
    gain: 1 / sqrt(E f^2), the weight scale that keeps a standard normal signal.
    """

    low: float
    high: float
    monotone: bool
    centred: bool
    flat: float
    gain: float


@dataclass(frozen=True)
class Response:
    """One function and its answer to the inputs.

    value, slope: f and f' at each point of ``Comparison.z``, [POINTS].
    mean, spread, surviving, flat: E f, the standard deviation of f, E f'^2, and the share of inputs where |f'| is below
        the threshold, by quadrature. sample: the same four, measured. error: the standard errors of those.
    density: the share of the measured outputs in each interval of ``Comparison.edges``, divided by its width, [BINS].
    missing: the share of the drawn points where f is no finite number.
    """

    name: str
    colour: str
    formula: str
    value: Array
    slope: Array
    mean: float
    spread: float
    surviving: float
    flat: float
    sample: tuple[float, float, float, float]
    error: tuple[float, float, float, float]
    density: Array
    missing: float
    character: Character


@dataclass(frozen=True)
class Comparison:
    """The functions of ``spec``. z: where they are drawn, [POINTS]. edges: the ends of the histograms' intervals."""

    spec: FunctionSpec
    z: Array
    edges: Array
    responses: tuple[Response, ...]

    def table(self) -> pd.DataFrame:
        """One row for each function and point."""
        return pd.concat([
            pd.DataFrame({"function": each.name, "z": self.z, "value": each.value, "slope": each.slope})
            for each in self.responses
        ], ignore_index=True)  # fmt: skip

    def numbers(self) -> pd.DataFrame:
        """One row for each function, with the fields of ``Response`` and ``Character``."""
        rows = []
        for each in self.responses:
            own = each.character
            rows.append({
                "name": each.name, "low": own.low, "high": own.high, "range": f"{_end(own.low)} to {_end(own.high)}",
                "centred": own.centred, "monotone": own.monotone,
                "like": f"{'centred' if own.centred else 'not centred'}, {'' if own.monotone else 'not '}monotone",
                "gain": own.gain, "saturating": own.flat, "mean": each.mean, "spread": each.spread, "flat": each.flat,
                "surviving": each.surviving, "measured": each.sample[2], "error": each.error[2],
            })  # fmt: skip
        return pd.DataFrame(rows)


def _end(value: float) -> str:
    """An end of a range in words."""
    return f"{value + 0.0:.3g}".replace("inf", "∞").replace("-", "−")


def compare(spec: FunctionSpec) -> Comparison:
    """Compute the answer of each function of ``spec`` to the same inputs."""
    generator = torch.Generator().manual_seed(spec.seed)
    z = torch.linspace(-DRAWN_SPAN, DRAWN_SPAN, POINTS, dtype=torch.float64)
    drawn = spec.mean + spec.spread * torch.randn(INPUTS_DRAWN, generator=generator, dtype=torch.float64)
    functions = [unit.function(spec.formula) for unit in spec.units]
    outputs = [function.f(drawn) for function in functions]
    edges = _edges(outputs)
    responses = [
        _response(spec, name, function, z, drawn, output, edges)
        for name, function, output in zip(names(spec.units), functions, outputs, strict=True)
    ]
    return Comparison(spec, z.numpy(), edges, tuple(responses))


def _edges(outputs: list[Tensor]) -> Array:
    """Intervals that hold the middle 99 % of every function's outputs."""
    finite = [output[output.isfinite()] for output in outputs]
    ends = [each.quantile(torch.tensor([0.005, 0.995], dtype=torch.float64)) for each in finite if len(each)]
    low, high = (min(float(end[0]) for end in ends), max(float(end[1]) for end in ends)) if ends else (-1.0, 1.0)
    margin = 0.05 * (high - low) or 0.5
    return np.linspace(low - margin, high + margin, BINS + 1)


def _response(
    spec: FunctionSpec, name: str, function: Activation, z: Tensor, drawn: Tensor, output: Tensor, edges: Array
) -> Response:
    value, slope = function.f(z), function.slope(z)
    at_drawn = function.slope(drawn)
    flat = (at_drawn.abs() < spec.threshold).double()
    variance = spec.spread**2
    mean = expectation(function.f, variance, spec.mean, NODES)
    moment = expectation(lambda x: (function.f(x) - mean).square(), variance, spec.mean, NODES)
    measured = [_measure(output), _deviation(output), _measure(at_drawn.square()), _measure(flat)]
    counts = np.histogram(output.numpy(), edges)[0]
    return Response(
        name,
        function.colour,
        function.formula,
        value.numpy(),
        slope.numpy(),
        mean,
        math.sqrt(moment) if moment >= 0 else math.nan,
        expectation(lambda x: function.slope(x).square(), variance, spec.mean, NODES),
        flat_share(function, spec.threshold, spec.mean, spec.spread),
        (measured[0][0], measured[1][0], measured[2][0], measured[3][0]),
        (measured[0][1], measured[1][1], measured[2][1], measured[3][1]),
        counts / (len(drawn) * np.diff(edges)),
        1 - float(value.isfinite().double().mean()),
        character(function, spec.threshold),
    )


def flat_share(function: Activation, threshold: float, mean: float = 0.0, spread: float = 1.0) -> float:
    """The share of normal inputs where |f'| is below ``threshold``, by quadrature."""
    return expectation(lambda x: (function.slope(x).abs() < threshold).double(), spread**2, mean, NODES)


def _measure(values: Tensor) -> tuple[float, float]:
    """The mean of ``values`` and its standard error."""
    return float(values.mean()), float(values.std()) / math.sqrt(len(values))


def _deviation(values: Tensor) -> tuple[float, float]:
    """The standard deviation of ``values`` and its standard error, by the fourth moment (the delta method)."""
    centred = values - values.mean()
    variance, fourth = float(centred.square().mean()), float(centred.pow(4).mean())
    if not variance:
        return 0.0, 0.0
    return math.sqrt(variance), math.sqrt(max(fourth - variance**2, 0.0) / len(values) / (4 * variance))


def character(function: Activation, threshold: float) -> Character:
    """Look at ``function``, and say what it is like."""
    near = torch.arange(-30_000, 30_001, dtype=torch.float64) / 1000
    far = torch.logspace(math.log10(30), math.log10(FAR), 2_000, dtype=torch.float64)
    grid = torch.cat([-far.flip(0)[:-1], near, far[1:]])
    value = function.f(grid)
    held = value[~value.isnan()]
    rises = value[value.isfinite()].diff()
    if not len(held):
        return Character(math.nan, math.nan, False, False, math.nan, math.nan)
    ends, beyond = value[[0, -1]], function.f(10 * grid[[0, -1]])
    unbound = ends[~beyond.isfinite() | (beyond.abs() > 1.05 * ends.abs())]
    # A rounding error is not a fall.
    tiny = 1e-12 * float(held.abs().max().clamp(max=1e3))
    return Character(
        -math.inf if (unbound < 0).any() else float(held.min()),
        math.inf if (unbound > 0).any() else float(held.max()),
        bool((rises >= -tiny).all() or (rises <= tiny).all()),
        abs(function.mean()) < 1e-6,
        flat_share(function, threshold),
        function.gain,
    )
