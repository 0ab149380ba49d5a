"""Mean-field theory of deep plain networks: second moments, slopes and correlations in infinitely wide layers.

In this limit, each pre-activation is normal with mean b and variance sigma_w^2 E h^2 + sigma_b^2. Sources: Poole et
al. 2016, https://arxiv.org/abs/1606.05340; Schoenholz et al. 2017, https://arxiv.org/abs/1611.01232.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from engine.nn import Activation

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Prediction:
    """moment: E h_l^2 of each layer's output, [depth]. chi: the factor of the squared gradient from h_l+1's
    pre-activation back to h_l, at index l, so chi[l] belongs to layer l + 1, [depth]. width: the units of a layer.
    """

    moment: Array
    chi: Array
    width: int


def predict(
    activations: Sequence[Activation], variances: Array, bias: float, spread: float, start: float, width: int
) -> Prediction:
    """The prediction for a plain network.

    activations: of each layer. variances: n E w^2 of each layer's weight, [depth]. bias, spread: mean and standard
    deviation of the biases. start: the mean square of the inputs.
    """
    moments, chis, moment = [], [], start
    known: dict[tuple[int, float], tuple[float, float]] = {}  # a fixed point needs no further integrals
    for activation, variance in zip(activations, variances, strict=True):
        inner = float(variance * moment + spread**2)
        key = (id(activation), float(f"{inner:.12e}"))
        if key not in known:
            known[key] = activation.moment(inner, bias), activation.slope_moment(inner, bias)
        moment, slope = known[key]
        moments.append(moment)
        chis.append(variance * slope)
    return Prediction(np.array(moments), np.array(chis), width)


@dataclass(frozen=True)
class Curves:
    """M(q) = E f(z)^2 and S(q) = E f'(z)^2 for normal z with variance q, on a logarithmic grid of q."""

    q: Array
    moment: Array
    slope: Array

    def at(self, q: Array) -> tuple[Array, Array]:
        """M and S at each ``q``. Beyond the grid, they have the values of its ends.

        Between two places of the grid, the logarithm of M is linear in log q, so a power is exact. S is linear there.
        """
        places, grid = np.log(np.clip(q, self.q[0], self.q[-1])), np.log(self.q)
        moment = np.exp(np.interp(places, grid, np.log(np.maximum(self.moment, 1e-300))))
        return moment, np.interp(places, grid, self.slope)


LEAST, MOST, PLACES = 1e-8, 1e6, 1_121
"""The grid of variances: 80 places in each decade. A fixed point outside counts as 0 or as infinite."""


@lru_cache(maxsize=32)
def curves(activation: Activation, mean: float = 0.0) -> Curves:
    """The two functions of the variance that decide everything about ``activation`` in wide networks.

    mean: of the pre-activations. It is that of the biases.
    """
    q = np.logspace(np.log10(LEAST), np.log10(MOST), PLACES)
    found = np.array([(activation.moment(float(each), mean), activation.slope_moment(float(each), mean)) for each in q])
    return Curves(q, found[:, 0], found[:, 1])


def correlations(
    activation: Activation, weight: float, bias: float, start: float, depth: int, moment: float = 1.0, nodes: int = 241
) -> Array:
    """The correlation of two inputs' pre-activations in each layer, [depth].

    weight, bias: sigma_w^2 and sigma_b^2. start: the cosine of the inputs. moment: the mean square of each input.
    Two-dimensional midpoint rule with ``nodes`` nodes on each axis, over six standard deviations.
    """
    edges = torch.linspace(-6, 6, nodes + 1, dtype=torch.float64)
    x = (edges[1:] + edges[:-1]) / 2
    mass = torch.exp(-x.square() / 2)
    mass = mass / mass.sum()
    found, together = [], start * moment
    for _ in range(depth):
        q = weight * moment + bias
        c = (weight * together + bias) / q if q > 0 else np.nan
        found.append(c)
        if not np.isfinite(c):
            moment = together = np.nan
            continue
        first = activation.f(q**0.5 * x)
        turned = q**0.5 * (min(c, 1.0) * x[:, None] + max(1 - c * c, 0.0) ** 0.5 * x[None, :])
        inner = (activation.f(turned) * mass).sum(1)
        together = float((first * inner * mass).sum())
        moment = float((first.square() * mass).sum())
    return np.array(found)
