"""Mean-field theory of deep plain networks: second moments, slopes and correlations in infinitely wide layers.

In this limit, each pre-activation is normal with mean b and variance sigma_w^2 E h^2 + sigma_b^2. Sources: Poole et
al. 2016, https://arxiv.org/abs/1606.05340; Schoenholz et al. 2017, https://arxiv.org/abs/1611.01232.
"""

import math
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
class Moments:
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
def curves(activation: Activation, mean: float = 0.0) -> Moments:
    """The two functions of the variance that decide everything about ``activation`` in wide networks.

    mean: of the pre-activations. It is that of the biases.
    """
    q = np.logspace(np.log10(LEAST), np.log10(MOST), PLACES)
    found = np.array([(activation.moment(float(each), mean), activation.slope_moment(float(each), mean)) for each in q])
    return Moments(q, found[:, 0], found[:, 1])


POLISH = 300
"""The most exact steps towards the fixed point of the chosen network."""

TURNS = 4_000
"""How often the variance map is applied to find its fixed point. On the edge of chaos it converges slowly."""


def settled(known: Moments, weight: Array, bias: Array) -> tuple[Array, Array]:
    """q* and chi for each pair of variances: apply q <- weight M(q) + bias to the input's mean square of 1."""
    shape = np.broadcast_shapes(weight.shape, bias.shape)
    weight, bias = np.broadcast_to(weight, shape), np.broadcast_to(bias, shape)
    q = weight + bias
    moving = np.ones(shape, dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):  # where a function has no moment, neither has the network
        for _ in range(TURNS):
            now = q[moving]
            q[moving] = weight[moving] * known.at(now)[0] + bias[moving]
            moving[moving] = np.abs(q[moving] - now) > 1e-12 * now
            if not moving.any():
                break
        return np.where(q > MOST, np.inf, np.where(q < LEAST, 0.0, q)), weight * known.at(q)[1]


def fixed_point(activation: Activation, weight: float, bias: float, mean: float = 0.0) -> tuple[float, float]:
    """q* and chi of one network, by exact integrals, from the place that ``settled`` finds by interpolation.

    weight, bias: the variances. mean: of the biases.
    """
    start, _ = settled(curves(activation, mean), np.array([[weight]]), np.array([[bias]]))
    q = float(start[0, 0])
    if not 0 < q < math.inf:
        return q, float(weight * activation.slope_moment(min(max(q, LEAST), MOST), mean))
    following = q
    for _ in range(POLISH):
        q, following = following, weight * activation.moment(following, mean) + bias
        if abs(following - q) <= 1e-13 * q:
            break
    else:
        known = curves(activation, mean)
        below = known.q < q
        if following < q and (weight * known.moment[below] + bias < known.q[below]).all():
            return 0.0, float(weight * activation.slope_moment(LEAST, mean))  # it falls, too slowly to arrive
    return q, weight * activation.slope_moment(q, mean)


def depth_scale(chi: Array) -> Array:
    """1 / |ln chi|, in layers; 0 if chi is 0, infinite if it is 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.abs(np.log(chi)))


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
