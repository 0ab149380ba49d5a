"""Variance maps against closed forms, the measured networks, and the plane of order and chaos."""

import math
from typing import Any

import numpy as np
import pytest

from engine.activations import DepthSpec, Scheme, propagate
from engine.activations.depth import variance
from engine.activations.maps import VarianceMap, theory
from engine.activations.meanfield import fixed_point
from engine.figures.activations import maps_figure
from engine.nn import ACTIVATIONS


def mapped(activation: str, initializer: str = "lecun_normal", **more: Any) -> VarianceMap:
    own = {name: more.pop(name) for name in list(more) if name in Scheme.model_fields}
    scheme = Scheme(activation=activation, initializer=initializer, **own)
    found = theory(DepthSpec(schemes=(scheme,), **more))
    maps_figure(found)
    assert len(found.numbers()) == 1 and len(found.table()) == len(found.maps[0].q)
    return found.maps[0]


@pytest.mark.parametrize(("initializer", "factor"), [("he_normal", 1.0), ("lecun_normal", 0.5), ("torch", 1 / 6)])
def test_relu_s_map_is_a_line_through_zero(initializer: str, factor: float) -> None:
    found = mapped("relu", initializer, depth=12)
    np.testing.assert_allclose(found.following, factor * found.q, rtol=1e-6)
    np.testing.assert_allclose(found.layers, 2 * factor * factor ** np.arange(12), rtol=1e-6)
    assert found.weight == pytest.approx(2 * factor)
    assert found.chi == pytest.approx(factor, rel=1e-3)  # where the variance vanishes too
    assert found.fixed == pytest.approx(2.0 if factor == 1 else 0.0, abs=1e-6)


def test_tanh_with_five_thirds_settles_where_the_oracle_says() -> None:
    found = mapped("tanh", gain=5 / 3, depth=100)
    assert found.fixed == pytest.approx(1.17848, abs=5e-5) and found.chi == pytest.approx(1.2098, abs=5e-5)
    assert found.scale == pytest.approx(1 / math.log(found.chi))
    assert found.layers[-1] == pytest.approx(found.fixed, rel=1e-3)
    assert np.interp(found.fixed, found.q, found.following) == pytest.approx(found.fixed, rel=1e-3)


def test_biases_move_the_map_and_its_fixed_point() -> None:
    found = mapped("tanh", gain=1.2, bias=0.4, bias_spread=0.3)
    moment = ACTIVATIONS["tanh"].moment(found.fixed, 0.4)
    assert found.fixed == pytest.approx(1.44 * moment + 0.09, rel=1e-6)
    assert found.chi == pytest.approx(1.44 * ACTIVATIONS["tanh"].slope_moment(found.fixed, 0.4), rel=1e-6)
    assert found.fixed != pytest.approx(fixed_point(ACTIVATIONS["tanh"], 1.44, 0.09)[0], rel=0.01)


def test_a_wide_network_follows_its_map() -> None:
    """At the fixed point, the factor of the squared gradient that is measured is chi."""
    spec = DepthSpec(
        schemes=(Scheme(activation="selu", initializer="lecun_normal"),), depth=20, width=256, draws=10, batch=64
    )
    found, trace = theory(spec).maps[0], propagate(spec).traces[0]
    measured, error, predicted = trace.factors()
    assert found.fixed == pytest.approx(1, abs=1e-5) and predicted == pytest.approx(found.chi, rel=0.01)
    assert abs(measured - predicted) <= 3 * error and error < 0.02 * measured
    np.testing.assert_allclose(trace.predicted.moment[:-1] * found.weight, found.layers[1:], rtol=0.05)


def test_the_factor_is_that_of_the_squared_gradient_per_layer() -> None:
    trace = propagate(DepthSpec(depth=5, width=16, draws=4)).traces[0]
    each = (trace.gradient[:, 0] / trace.gradient[:, -1]) ** 0.5
    assert trace.factors()[0] == pytest.approx(each.mean())
    assert trace.factors()[1] == pytest.approx(each.std(ddof=1) / 2)
    assert math.isnan(propagate(DepthSpec(depth=1, width=16)).traces[0].factors()[0])


@pytest.mark.parametrize("formula", ["log(z)", "0*z", "exp(z*z)", "z^3"])
@pytest.mark.parametrize("gain", [0.0, 10.0])
def test_any_function_has_a_map_or_a_gap(formula: str, gain: float) -> None:
    found = mapped("own", gain=gain, formula=formula, width=1, depth=3)
    assert found.weight == variance(
        Scheme(activation="own", initializer="lecun_normal", gain=gain), ACTIVATIONS["relu"], 1
    )
    assert len(found.layers) == 3
