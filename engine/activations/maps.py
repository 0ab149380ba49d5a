"""The variance map of each network of a depth experiment: from a layer's variance to the next one's, in wide layers."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.activations.depth import variance
from engine.activations.meanfield import curves, depth_scale, fixed_point
from engine.activations.spec import DepthSpec
from engine.activations.units import Scheme, names

Array = NDArray[np.float64]

EXACT = 1e-7
"""How exactly chi is known. If it is as near to 1 as this, the depth scale is infinite."""

SHOWN = (1e-4, 1e4)
"""The variances over which a map is drawn."""


@dataclass(frozen=True)
class VarianceMap:
    """The variance map q -> sigma_w^2 E f(z)^2 + sigma_b^2 of one network. z is normal with variance q.

    The mean of z is that of the biases.
    weight: sigma_w^2, n times the expected square of a weight. bias: sigma_b^2.
    q, following: the map, [Q]. layers: the variance of each layer's pre-activations, [depth]. The mean square of the
        inputs is taken as ``input_scale``^2.
    fixed: the variance that deep layers settle at; 0 or infinite if it vanishes or explodes. chi: the factor of the
        squared gradient per layer there. scale: 1 / |ln chi|, in layers.
    """

    name: str
    colour: str
    weight: float
    bias: float
    q: Array
    following: Array
    layers: Array
    fixed: float
    chi: float
    scale: float


@dataclass(frozen=True)
class Theory:
    """The variance maps of the networks of ``spec``."""

    spec: DepthSpec
    maps: tuple[VarianceMap, ...]

    def numbers(self) -> pd.DataFrame:
        """One row for each network."""
        fields = ("name", "weight", "bias", "fixed", "chi", "scale")
        return pd.DataFrame([{field: getattr(each, field) for field in fields} for each in self.maps])

    def table(self) -> pd.DataFrame:
        """One row for each network and variance."""
        return pd.concat([
            pd.DataFrame({"network": each.name, "q": each.q, "following": each.following}) for each in self.maps
        ], ignore_index=True)  # fmt: skip


def theory(spec: DepthSpec) -> Theory:
    """The variance map of each network, without the layer that may have another activation."""
    found = [_map(spec, name, scheme) for name, scheme in zip(names(spec.schemes), spec.schemes, strict=True)]
    return Theory(spec, tuple(found))


def _map(spec: DepthSpec, name: str, scheme: Scheme) -> VarianceMap:
    activation, bias = scheme.function(spec.formula), scheme.bias_spread**2
    weight = variance(scheme, activation, spec.width)
    known = curves(activation, scheme.bias)
    shown = (known.q >= SHOWN[0]) & (known.q <= SHOWN[1])
    q = weight * spec.input_scale**2 + bias
    layers = []
    with np.errstate(over="ignore", invalid="ignore"):  # where a function has no moment, its map has a gap
        following = weight * known.moment[shown] + bias
        for _ in range(spec.depth):
            layers.append(q)
            q = weight * activation.moment(q, scheme.bias) + bias
    fixed, chi = fixed_point(activation, weight, bias, scheme.bias)
    scale = math.inf if abs(chi - 1) < EXACT else float(depth_scale(np.array(chi)))
    return VarianceMap(
        name, activation.colour, weight, bias, known.q[shown], following, np.array(layers),
        fixed, chi, scale,
    )  # fmt: skip
