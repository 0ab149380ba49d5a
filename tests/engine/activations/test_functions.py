"""Functions, slopes and moments against finite differences, closed forms, and a sample."""

import math
from collections.abc import Callable
from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from engine.activations import Comparison, CostSpec, FunctionSpec, Unit, compare
from engine.activations.costs import measure
from engine.activations.finding import functions_finding
from engine.activations.functions import Response
from engine.nn import ACTIVATIONS, Activation

NORMAL = NormalDist()

GRID = torch.cat([
    torch.tensor([0, 100, -100, 1e-4, -1e-4, 1, -1, 3, -3, 6], dtype=torch.float64),
    torch.linspace(-7.03, 7.02, 301, dtype=torch.float64),
])  # fmt: skip
SHAPED = {"leaky_relu": (-0.5, 0.0, 0.3, 2.0), "prelu": (0.1,), "elu": (-1.0, 0.5, 2.0), "celu": (0.5, 2.0)}
UNITS = [Unit(activation=name) for name in ACTIVATIONS] + [
    Unit(activation=name, a=a) for name, several in SHAPED.items() for a in several
]
INPUTS = ((0.0, 1.0), (0.7, 1.0), (-1.5, 0.4), (2.0, 3.0))
"""Means and spreads of the inputs."""


def response(unit: Unit, mean: float = 0.0, spread: float = 1.0, **more: float | str) -> Response:
    return compare(FunctionSpec(units=(unit,), mean=mean, spread=spread, **more)).responses[0]


def function(unit: Unit) -> Activation:
    return unit.function("z")


@pytest.mark.parametrize("unit", UNITS, ids=Unit.name)
def test_a_slope_lies_between_the_slopes_of_the_graph_on_both_sides(unit: Unit) -> None:
    f, step = function(unit).f, 1e-6
    left, right = (f(GRID) - f(GRID - step)) / step, (f(GRID + step) - f(GRID)) / step
    slope = function(unit).slope(GRID)
    curved = 1e-5  # a one-sided slope is off by half a step times the curvature, and by rounding
    assert (slope >= torch.minimum(left, right) - curved).all()
    assert (slope <= torch.maximum(left, right) + curved).all()
    smooth = (left - right).abs() < 1e-3
    torch.testing.assert_close(slope[smooth], ((left + right) / 2)[smooth], rtol=1e-6, atol=6e-7)
    assert smooth.sum() > len(GRID) - 5


SHAPES: dict[str, Callable[[float, float], float]] = {
    "leaky_relu": lambda z, a: max(z, 0) + a * min(z, 0),
    "prelu": lambda z, a: max(z, 0) + a * min(z, 0),
    "elu": lambda z, a: max(z, 0) + a * math.expm1(min(z, 0)),
    "celu": lambda z, a: max(z, 0) + a * math.expm1(min(z, 0) / a),
}


@pytest.mark.parametrize(("name", "a"), [(name, a) for name, several in SHAPED.items() for a in several])
def test_a_parameter_does_what_its_definition_says(name: str, a: float) -> None:
    found = ACTIVATIONS[name].at(a).f(GRID)
    torch.testing.assert_close(found, torch.tensor([SHAPES[name](float(z), a) for z in GRID], dtype=torch.float64))
    shape = ACTIVATIONS[name].shape
    assert shape
    torch.testing.assert_close(ACTIVATIONS[name].at(shape.a).f(GRID), ACTIVATIONS[name].f(GRID))


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ({"activation": "leaky_relu", "a": 1}, "with a = 1, Leaky ReLU is the identity, and a network of such layers"),
        ({"activation": "prelu", "a": 1.0}, "is linear; choose another a"),
        ({"activation": "celu", "a": 0}, "the parameter a of CELU must be above 0"),
        ({"activation": "tanh", "a": 0.5}, "tanh has no parameter"),
        ({"activation": "own", "a": 0.5}, "your own function has no parameter a"),
    ],
)
def test_a_parameter_without_sense_is_refused_with_the_reason(unit: dict[str, str | float], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Unit(**unit)


def hinge(mean: float, spread: float) -> float:
    """E max(z, 0)."""
    return float(mean * NORMAL.cdf(mean / spread) + spread * NORMAL.pdf(mean / spread))


def squared_hinge(mean: float, spread: float) -> float:
    """E max(z, 0)^2."""
    return float((mean**2 + spread**2) * NORMAL.cdf(mean / spread) + mean * spread * NORMAL.pdf(mean / spread))


def gelu(mean: float, spread: float) -> float:
    """E z Phi(z), by Stein's lemma."""
    wide = math.sqrt(1 + spread**2)
    return float(mean * NORMAL.cdf(mean / wide) + spread**2 / wide * NORMAL.pdf(mean / wide))


def elu(mean: float, spread: float) -> float:
    below = NORMAL.cdf(-mean / spread)
    tilted = math.exp(mean + spread**2 / 2) * NORMAL.cdf(-(mean + spread**2) / spread)
    return float(hinge(mean, spread) + tilted - below)


MEANS: dict[str, Callable[[float, float], float]] = {
    "relu": hinge,
    "leaky_relu": lambda m, s: hinge(m, s) - 0.01 * hinge(-m, s),
    "elu": elu,
    "gelu": gelu,
    "sine": lambda m, s: math.sin(m) * math.exp(-(s**2) / 2),
    "hard_tanh": lambda m, s: hinge(m + 1, s) - hinge(m - 1, s) - 1,
    "hard_sigmoid": lambda m, s: (hinge(m + 3, s) - hinge(m - 3, s)) / 6,
    "relu6": lambda m, s: hinge(m, s) - hinge(m - 6, s),
    "squared_relu": squared_hinge,
    "identity": lambda m, s: m,
}
"""E f(z) for normal z with mean m and spread s."""

SECONDS: dict[str, Callable[[float, float], float]] = {
    "relu": squared_hinge,
    "leaky_relu": lambda m, s: squared_hinge(m, s) + 1e-4 * squared_hinge(-m, s),
    "sine": lambda m, s: (1 - math.cos(2 * m) * math.exp(-2 * s**2)) / 2,
    "identity": lambda m, s: m**2 + s**2,
}
"""E f(z)^2."""

SLOPES: dict[str, Callable[[float, float], float]] = {
    "relu": lambda m, s: NORMAL.cdf(m / s),
    "leaky_relu": lambda m, s: NORMAL.cdf(m / s) + 1e-4 * NORMAL.cdf(-m / s),
    "sine": lambda m, s: (1 + math.cos(2 * m) * math.exp(-2 * s**2)) / 2,
    "hard_tanh": lambda m, s: NORMAL.cdf((1 - m) / s) - NORMAL.cdf((-1 - m) / s),
    "hard_sigmoid": lambda m, s: (NORMAL.cdf((3 - m) / s) - NORMAL.cdf((-3 - m) / s)) / 36,
    "squared_relu": lambda m, s: 4 * squared_hinge(m, s),
    "identity": lambda m, s: 1.0,
}
"""E f'(z)^2."""


@pytest.mark.parametrize(("mean", "spread"), INPUTS)
def test_moments_by_quadrature_are_the_closed_forms(mean: float, spread: float) -> None:
    found = {name: response(Unit(activation=name), mean, spread) for name in MEANS | SECONDS | SLOPES}
    for name, law in MEANS.items():
        assert found[name].mean == pytest.approx(law(mean, spread), rel=1e-6, abs=1e-7), name
    for name, law in SECONDS.items():
        moment = found[name].mean ** 2 + found[name].spread ** 2
        assert moment == pytest.approx(law(mean, spread), rel=1e-6, abs=1e-7), name
    for name, law in SLOPES.items():  # a jump of the slope costs at most 1e-4 of its height
        assert found[name].surviving == pytest.approx(law(mean, spread), rel=1e-4, abs=1e-4), name


@pytest.mark.parametrize(("mean", "spread"), INPUTS)
def test_the_flat_share_is_the_mass_where_the_slope_is_small(mean: float, spread: float) -> None:
    hard = response(Unit(activation="hard_tanh"), mean, spread)
    assert hard.flat == pytest.approx(1 - SLOPES["hard_tanh"](mean, spread), abs=2e-4)
    end = math.atanh(math.sqrt(0.9))
    tanh = response(Unit(activation="tanh"), mean, spread, threshold=0.1)  # 1 - tanh^2 < 0.1
    expected = NORMAL.cdf((mean - end) / spread) + NORMAL.cdf((-end - mean) / spread)
    assert tanh.flat == pytest.approx(float(expected), abs=2e-4)


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 1.0), (1.0, 2.0)])
def test_what_is_measured_agrees_with_quadrature(mean: float, spread: float) -> None:
    """Within four standard errors. An event in fewer than one of a thousand inputs may be missing in the sample."""
    found = compare(FunctionSpec(units=tuple(UNITS[:12]), mean=mean, spread=spread)).responses
    found += compare(FunctionSpec(units=tuple(UNITS[12:24]), mean=mean, spread=spread)).responses
    for each in found:
        exact = (each.mean, each.spread, each.surviving, each.flat)
        for value, measured, error in zip(exact, each.sample, each.error, strict=True):
            assert abs(measured - value) <= 4 * error + 1e-3, each.name
            assert error < 0.02 * max(abs(value), 1), each.name


def test_the_visitor_s_own_function_is_measured_like_the_others() -> None:
    cube = response(Unit(activation="own"), 0.5, 0.8, formula="z^3")
    m, s = 0.5, 0.8
    assert cube.mean == pytest.approx(m**3 + 3 * m * s**2, rel=1e-9)
    assert cube.surviving == pytest.approx(9 * (m**4 + 6 * m**2 * s**2 + 3 * s**4), rel=1e-9)
    own, tanh = compare(
        FunctionSpec(units=(Unit(activation="own"), Unit(activation="tanh")), formula="2/(1+exp(-2*z)) - 1")
    ).responses
    np.testing.assert_allclose(own.value, tanh.value, atol=1e-12)
    np.testing.assert_allclose(own.slope, tanh.slope, atol=1e-12)
    assert own.surviving == pytest.approx(tanh.surviving, rel=1e-10)


def test_a_histogram_counts_the_outputs() -> None:
    found = compare(FunctionSpec(units=(Unit(activation="identity"), Unit(activation="sigmoid")), mean=1, spread=0.5))
    width, middles = np.diff(found.edges), (found.edges[1:] + found.edges[:-1]) / 2
    for each in found.responses:
        assert (each.density * width).sum() == pytest.approx(1, abs=0.011)  # half a per cent may lie on each side
        assert (each.density * width * middles).sum() == pytest.approx(each.mean, abs=0.02)
    peak = middles[np.argmax(found.responses[0].density)]
    assert peak == pytest.approx(1, abs=0.3)


CHARACTERS = {
    "identity": (-math.inf, math.inf, True, True), "relu": (0, math.inf, True, False),
    "leaky_relu": (-math.inf, math.inf, True, False), "tanh": (-1, 1, True, True), "sigmoid": (0, 1, True, False),
    "hard_tanh": (-1, 1, True, True), "hard_sigmoid": (0, 1, True, False), "relu6": (0, 6, True, False),
    "lecun_tanh": (-1.7159, 1.7159, True, True), "softsign": (-1, 1, True, True), "sine": (-1, 1, False, True),
    "elu": (-1, math.inf, True, False), "celu": (-1, math.inf, True, False), "selu": (-1.758099, math.inf, True, True),
    "gelu": (-0.169971, math.inf, False, False), "silu": (-0.278465, math.inf, False, False),
    "mish": (-0.308843, math.inf, False, False), "hard_swish": (-0.375, math.inf, False, False),
    "squared_relu": (0, math.inf, True, False), "softplus": (0, math.inf, True, False),
}  # fmt: skip
"""Range, whether it is monotone, and whether it is centred. The least values are published ones."""


@pytest.mark.parametrize("name", CHARACTERS)
def test_range_direction_and_centre(name: str) -> None:
    own = response(Unit(activation=name)).character
    low, high, monotone, centred = CHARACTERS[name]
    assert (own.low, own.high) == pytest.approx((low, high), abs=1e-6)
    assert (own.monotone, own.centred) == (monotone, centred)
    assert own.gain == pytest.approx(ACTIVATIONS[name].gain)


def test_a_negative_slope_makes_a_valley() -> None:
    own = response(Unit(activation="leaky_relu", a=-0.5)).character
    assert (own.low, own.high, own.monotone) == (0, math.inf, False)
    found = compare(FunctionSpec(units=(Unit(activation="leaky_relu", a=-0.5),)))
    assert found.numbers()["range"].tolist() == ["0 to ∞"]


def test_tanh_s_slope_is_smaller_far_out_and_larger_on_average() -> None:
    tanh, sigmoid = (ACTIVATIONS[name] for name in ("tanh", "sigmoid"))
    z = torch.tensor([1.65, 1.67], dtype=torch.float64)
    assert (tanh.slope(z) > sigmoid.slope(z)).tolist() == [True, False]
    for spread in (0.1, 1.0, 5.0):
        means = [response(Unit(activation=name), spread=spread).surviving for name in ("tanh", "sigmoid")]
        assert means[0] > means[1]


FORMULAS = ("log(z)", "sqrt(z)", "1/z", "exp(exp(z*z))", "0*z", "sign(z)", "1e300*z", "log(-1-z^2)", "z^3")


@pytest.mark.parametrize(("formula", "mean"), list(product(FORMULAS, (0.0, 4.0))))
def test_any_formula_gives_numbers_or_says_that_it_has_none(formula: str, mean: float) -> None:
    units = (Unit(activation="own"), Unit(activation="tanh"))
    found = compare(FunctionSpec(formula=formula, units=units, mean=mean, spread=2))
    own, tanh = found.responses
    assert own.missing == pytest.approx(float((~np.isfinite(own.value)).mean()))
    assert (np.isnan(own.slope) | ~np.isnan(own.value)).all()
    assert math.isfinite(tanh.surviving) and tanh.missing == 0
    assert "nan" not in functions_finding(found) and "inf%" not in functions_finding(found)
    alone = Comparison(found.spec, found.z, found.edges, (own,))
    assert "nan" not in functions_finding(alone)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ("own", "At these inputs, Your own multiplies the squared gradient by 15,417 on average."),
        ("own tanh", "by 15,417 on average, and tanh passes on only"),
        ("own squared_relu", "and Squared ReLU only by"),
        ("relu sigmoid", "ReLU passes on 50.0% of the squared gradient on average, and Sigmoid only 4.5%."),
    ],
)
def test_growth_is_said_as_a_factor_and_a_loss_per_cent(units: str, said: str) -> None:
    spread = 5 if "own" in units else 1
    chosen = tuple(Unit(activation=name) for name in units.split())
    found = compare(FunctionSpec(units=chosen, formula="z^3", mean=1 if spread > 1 else 0, spread=spread))
    moment = 9 * (1 + 6 * 25 + 3 * 625)
    assert found.responses[0].surviving == pytest.approx(moment if spread > 1 else 0.5)
    assert said.replace("15,417", f"{moment:,}") in functions_finding(found)


def test_the_mean_of_an_odd_function_is_exactly_0() -> None:
    for name, (*_, centred) in CHARACTERS.items():
        if centred and name != "selu":
            assert response(Unit(activation=name)).mean == 0, name


def test_a_negative_parameter_has_a_minus_sign() -> None:
    assert Unit(activation="leaky_relu", a=-0.5).name() == "Leaky ReLU, a = −0.5"


def test_where_a_function_has_no_value_it_has_no_slope() -> None:
    found = response(Unit(activation="own"), formula="log(z)")
    assert np.isnan(found.slope[:300]).all() and np.isfinite(found.slope[301:]).all()
    assert math.isnan(found.surviving) and found.missing == pytest.approx(301 / 601)
    assert (found.character.low, found.character.high) == (-math.inf, math.inf)


def test_two_equal_functions_have_two_names() -> None:
    found = compare(FunctionSpec(units=(Unit(), Unit(activation="tanh"), Unit())))
    assert [each.name for each in found.responses] == ["ReLU (1)", "tanh", "ReLU (2)"]
    assert list(found.numbers()["name"]) == ["ReLU (1)", "tanh", "ReLU (2)"]


def test_costs_are_multiples_of_relu_s(monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[str] = []

    def seconds(f: Callable[[Tensor], Tensor], _: Tensor) -> tuple[float, float]:
        label = next(each.label for each in ACTIVATIONS.values() if each.f is f)
        spent.append(label)
        return (2.0, 3.0) if label == "ReLU" else (6.0, 3.0)

    monkeypatch.setattr("engine.activations.costs._seconds", seconds)
    (tanh,) = measure(CostSpec(units=(Unit(activation="tanh"),))).costs
    assert (tanh.forward, tanh.backward) == (3, 1)
    assert spent[:4] == ["tanh", "ReLU", "tanh", "ReLU"]  # by turns, so that a busy moment slows both


def test_costs_are_measured_for_every_function() -> None:
    table = measure(CostSpec(units=(Unit(), Unit(activation="own")))).table()
    assert list(table["name"]) == ["ReLU", "Your own"]
    assert (table[["forward", "backward"]] > 0).all(axis=None)
