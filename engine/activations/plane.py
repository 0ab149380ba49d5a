"""Order and chaos: where, in the plane of weight and bias variance, a deep network passes on signals and gradients."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.activations.meanfield import correlations, curves, depth_scale, fixed_point, settled
from engine.activations.spec import BIASES, WEIGHTS, PhaseSpec

Array = NDArray[np.float64]

CELLS = (81, 41)
"""The number of places on the plane: weight variances, bias variances."""


@dataclass(frozen=True)
class Phase:
    """The plane of an activation, and two inputs in the chosen network.

    weights, biases: the variances at the places of the plane, [W] and [B].
    moment: q*, the variance of a pre-activation that deep layers settle at from an input of mean square 1, [B, W];
        0 or infinite if it vanishes or explodes. chi: the factor of the squared gradient per layer there, [B, W].
    scale: 1 / |ln chi|, the number of layers over which the squared gradient changes by a factor of e, [B, W].
    own_moment, own_chi: q* and chi of the chosen network.
    predicted: the correlation of the two inputs' pre-activations in each layer, by theory, [depth].
    measured, error: the mean correlation over the drawn networks, and its standard error, [depth].
    """

    spec: PhaseSpec
    weights: Array
    biases: Array
    moment: Array
    chi: Array
    scale: Array
    own_moment: float
    own_chi: float
    predicted: Array
    measured: Array
    error: Array

    @property
    def own_scale(self) -> float:
        """1 / |ln chi| of the chosen network; infinite on the edge of chaos."""
        return float(depth_scale(np.array(self.own_chi)))

    def table(self) -> pd.DataFrame:
        """One row for each layer of the chosen network."""
        return pd.DataFrame({
            "layer": np.arange(1, self.spec.depth + 1), "predicted": self.predicted, "measured": self.measured,
            "error": self.error,
        })  # fmt: skip

    def plane(self) -> pd.DataFrame:
        """One row for each place of the plane."""
        bias, weight = np.meshgrid(self.biases, self.weights, indexing="ij")
        return pd.DataFrame({
            "weight": weight.ravel(), "bias": bias.ravel(), "moment": self.moment.ravel(), "chi": self.chi.ravel(),
        })  # fmt: skip


def phase(spec: PhaseSpec) -> Phase:
    """Compute the plane by theory, and measure the two inputs in the chosen network."""
    activation = spec.unit[0].function(spec.formula)
    known = curves(activation)
    weights, biases = np.linspace(0, WEIGHTS, CELLS[0]), np.linspace(0, BIASES, CELLS[1])
    moment, chi = settled(known, weights[None, :], biases[:, None])
    own_moment, own_chi = fixed_point(activation, spec.weight, spec.bias)
    measured = np.array([_correlations(spec, draw) for draw in range(spec.draws)])
    return Phase(
        spec,
        weights,
        biases,
        moment,
        chi,
        depth_scale(chi),
        own_moment,
        own_chi,
        correlations(activation, spec.weight, spec.bias, spec.cosine, spec.depth),
        measured.mean(0),
        measured.std(0, ddof=1) / math.sqrt(spec.draws),
    )


def _correlations(spec: PhaseSpec, draw: int) -> Array:
    """The correlation of the two inputs' pre-activations in each layer of one network, [depth]."""
    generator = torch.Generator().manual_seed(spec.seed + 7919 * draw)
    f = spec.unit[0].function(spec.formula).f
    state = _inputs(spec, generator)
    found = []
    for _ in range(spec.depth):
        weight = torch.randn(spec.width, spec.width, generator=generator) * math.sqrt(spec.weight / spec.width)
        bias = torch.randn(spec.width, generator=generator) * math.sqrt(spec.bias)
        point = state @ weight.T + bias
        first, second = point.double()
        size = float(first.norm() * second.norm())
        found.append(float(first @ second) / size if 0 < size < math.inf else math.nan)
        state = f(point)
    return np.array(found)


def _inputs(spec: PhaseSpec, generator: torch.Generator) -> Tensor:
    """Two inputs [2, width], each of mean square 1, with the cosine of ``spec`` exactly."""
    first, second = torch.randn(2, spec.width, generator=generator)
    first = first / first.norm()
    second = second - (second @ first) * first
    second = second / second.norm()
    turned = spec.cosine * first + math.sqrt(1 - spec.cosine**2) * second
    return torch.stack([first, turned]) * math.sqrt(spec.width)
