"""Order and chaos: maps and fixed points against closed forms, other quadratures, and drawn networks."""

import math
from collections.abc import Callable
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.activations import Phase, PhaseSpec, Unit, phase
from engine.activations.finding import plane_finding
from engine.activations.meanfield import correlations, curves, fixed_point, settled
from engine.figures.activations import correlation_figure, plane_figure
from engine.nn import ACTIVATIONS

NORMAL = NormalDist()

QUICK: dict[str, Any] = {"depth": 3, "width": 8, "draws": 2}


@cache
def found(activation: str = "tanh", **more: Any) -> Phase:
    return phase(PhaseSpec(unit=(Unit(activation=activation),), **more))


def hermite(count: int = 80) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights of Gauss's rule for a standard normal number."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    return nodes, weights / math.sqrt(2 * math.pi)


SMOOTH: dict[str, Callable[[Any], Any]] = {
    "tanh": np.tanh, "sine": np.sin, "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}  # fmt: skip


def test_a_waiting_figure_shows_only_the_first_layer() -> None:
    figure = correlation_figure(found(**QUICK), waits=True)
    assert [len(trace.y) for trace in figure.data] == [1, 1]


def test_tanh_on_the_edge_settles_at_0_though_it_never_arrives() -> None:
    assert fixed_point(ACTIVATIONS["tanh"], 1.0, 0.0) == pytest.approx((0.0, 1.0), abs=1e-6)
    assert fixed_point(ACTIVATIONS["relu"], 1.0, 0.0) == pytest.approx((0.0, 0.5), abs=1e-3)
    assert fixed_point(ACTIVATIONS["tanh"], 1.05, 0.0)[0] > 0.01


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize(("weight", "bias", "cosine"), [(1.6, 0.05, 0.6), (3.0, 0.3, -0.4), (0.8, 0.0, 0.95)])
def test_the_correlation_map_agrees_with_gauss_s_rule(name: str, weight: float, bias: float, cosine: float) -> None:
    f, (x, mass) = SMOOTH[name], hermite()
    both = mass[:, None] * mass[None, :]
    q, together = weight + bias, weight * cosine + bias
    expected = []
    for _ in range(12):
        expected.append(together / q)
        c = together / q
        second = c * x[:, None] + math.sqrt(1 - c**2) * x[None, :]
        product = (f(math.sqrt(q) * x)[:, None] * f(math.sqrt(q) * second) * both).sum()
        q = weight * (f(math.sqrt(q) * x) ** 2 * mass).sum() + bias
        together = weight * product + bias
    ours = correlations(ACTIVATIONS[name], weight, bias, cosine, 12)
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_the_correlation_map_of_a_function_with_kinks_agrees_with_exact_inner_integrals() -> None:
    """Given the first input, the mean of the second's hard tanh is a closed form. Gauss's rule integrates it."""
    q, c = 2.3, 0.5
    nodes, mass = np.polynomial.legendre.leggauss(2_000)
    u = 8 * nodes
    weights = 8 * mass * np.exp(-(u**2) / 2) / math.sqrt(2 * math.pi)
    mean, spread = math.sqrt(q) * c * u, math.sqrt(q * (1 - c**2))

    def hinge(m: float) -> float:
        return m * NORMAL.cdf(m / spread) + spread * NORMAL.pdf(m / spread)

    second = np.array([hinge(m + 1) - hinge(m - 1) - 1 for m in mean])
    first = np.clip(math.sqrt(q) * u, -1, 1)
    ours = correlations(ACTIVATIONS["hard_tanh"], q, 0.0, c, 2)
    assert ours[0] == pytest.approx(c)
    assert ours[1] == pytest.approx((first * second * weights).sum() / (first**2 * weights).sum(), abs=1e-4)


@pytest.mark.parametrize("cosine", [-1.0, -0.3, 0.2, 0.9, 1.0])
def test_relu_s_map_is_the_arc_cosine_kernel(cosine: float) -> None:
    ours = correlations(ACTIVATIONS["relu"], 2.0, 0.0, cosine, 10)
    c = cosine
    for value in ours:
        assert value == pytest.approx(c, abs=2e-4)
        c = (math.sqrt(1 - c**2) + c * (math.pi - math.acos(c))) / math.pi


def test_sine_s_map_is_a_hyperbolic_sine() -> None:
    ours = correlations(ACTIVATIONS["sine"], 1.5, 0.1, 0.3, 8)
    q, together = 1.6, 1.5 * 0.3 + 0.1
    for value in ours:
        assert value == pytest.approx(together / q, abs=1e-6)
        q, together = 1.5 * (1 - math.exp(-2 * q)) / 2 + 0.1, 1.5 * math.exp(-q) * math.sinh(together) + 0.1


def test_the_slope_of_the_map_at_equal_inputs_is_chi() -> None:
    """Poole et al. 2016: near correlation 1, the distance to 1 is multiplied by chi in each layer."""
    q, chi = fixed_point(ACTIVATIONS["tanh"], 1.8, 0.1)
    start = (q - 0.1) / 1.8  # the mean square of an input at the fixed point
    distance = 1 - correlations(ACTIVATIONS["tanh"], 1.8, 0.1, 1 - 1e-5, 4, moment=start)
    np.testing.assert_allclose(distance[1:] / distance[:-1], chi, rtol=1e-3)


def test_tanh_with_the_gain_of_five_thirds_has_the_published_fixed_point() -> None:
    q, chi = fixed_point(ACTIVATIONS["tanh"], 25 / 9, 0.0)
    assert q == pytest.approx(1.17848, abs=5e-6) and chi == pytest.approx(1.2098, abs=5e-5)


def test_relu_s_fixed_point_and_chi_are_closed_forms() -> None:
    """q = weight q / 2 + bias, and chi is half of the weights' variance."""
    for weight, bias in ((1.0, 0.2), (1.5, 0.05), (0.4, 1.0)):
        q, chi = fixed_point(ACTIVATIONS["relu"], weight, bias)
        assert q == pytest.approx(bias / (1 - weight / 2), rel=1e-6) and chi == pytest.approx(weight / 2, rel=1e-6)
    plane = found("relu", **QUICK)
    np.testing.assert_allclose(plane.chi, np.broadcast_to(plane.weights / 2, plane.chi.shape), rtol=1e-6)
    assert np.isinf(plane.moment[:, plane.weights > 2.2]).all()
    expected = plane.biases[1:, None] / (1 - plane.weights[None, :38] / 2)
    np.testing.assert_allclose(plane.moment[1:, :38], expected, rtol=1e-3)


def test_the_plane_by_interpolation_agrees_with_exact_integrals() -> None:
    known = curves(ACTIVATIONS["tanh"])
    for weight, bias in ((0.7, 0.3), (1.3, 0.0), (1.6, 0.05), (3.7, 0.9)):
        q, chi = settled(known, np.array([[weight]]), np.array([[bias]]))
        exact = fixed_point(ACTIVATIONS["tanh"], weight, bias)
        assert (q[0, 0], chi[0, 0]) == pytest.approx(exact, rel=2e-3)


def test_tanh_without_biases_leaves_order_at_unit_variance() -> None:
    plane = found(**QUICK)
    at = [int(np.argmin(np.abs(plane.weights - weight))) for weight in (0.9, 1.1)]
    assert plane.chi[0, at[0]] == pytest.approx(0.9, abs=1e-6) and plane.moment[0, at[0]] == 0
    assert plane.chi[0, at[1]] > 1 and plane.moment[0, at[1]] > 0
    assert (np.diff(plane.chi, axis=1) > 0).all()  # further right is more chaotic
    assert (np.diff(plane.chi[:, at[1]]) < 0).all()  # larger biases bring order
    np.testing.assert_allclose(plane.scale[plane.chi > 0], 1 / np.abs(np.log(plane.chi[plane.chi > 0])))


@pytest.mark.parametrize(("activation", "weight", "bias"), [("tanh", 1.3, 0.1), ("relu", 2.0, 0.0), ("gelu", 2.0, 0.2)])
def test_drawn_networks_agree_with_theory(activation: str, weight: float, bias: float) -> None:
    """Three standard errors over sixteen networks, and a little for their finite width."""
    ours = found(activation, weight=weight, bias=bias, cosine=0.3, depth=8, width=400, draws=16)
    assert (np.abs(ours.measured - ours.predicted) <= 3 * ours.error + 5e-3).all()
    assert ours.error.max() < 0.03


def test_two_inputs_have_the_cosine_that_is_asked_for() -> None:
    """Without biases, the first layer's weights keep the cosine on average."""
    for cosine in (-1.0, -0.5, 0.0, 1.0):
        ours = found(weight=1.0, bias=0.0, cosine=cosine, depth=1, width=600, draws=8)
        assert ours.predicted[0] == pytest.approx(cosine)
        assert abs(ours.measured[0] - cosine) <= 4 * ours.error[0] + 1e-6


@pytest.mark.parametrize(
    ("weight", "bias", "words"),
    [(1.0, 0.3, "Ordered"), (3.0, 0.05, "Chaotic"), (1.0, 0.0, "On the edge of chaos"), (0.0, 0.0, "no gradient")],
)
def test_the_finding_names_the_side(weight: float, bias: float, words: str) -> None:
    assert words in plane_finding(found(weight=weight, bias=bias, **QUICK))


@pytest.mark.parametrize("formula", ["log(z)", "exp(exp(z*z))", "0*z", "sign(z)", "1/z", "z^3", "1e300*z"])
def test_any_formula_gives_a_plane_and_a_sentence(formula: str) -> None:
    ours = phase(PhaseSpec(unit=(Unit(activation="own"),), formula=formula, **QUICK))
    plane_figure(ours)
    correlation_figure(ours)
    said = plane_finding(ours)
    assert said and "nan" not in said and "inf" not in said
    if formula == "log(z)":
        assert "no value for some numbers" in said


def test_relu_with_large_weights_grows_without_bound() -> None:
    assert "grows without bound" in plane_finding(found("relu", weight=3.0, **QUICK))
