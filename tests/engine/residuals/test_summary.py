"""The summary of a flow: factors per layer, formulas, and the layers where numbers overflow or vanish."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.residuals.summary import factor, formula, notes, summary
from engine.signals import StackSpec, gradient_flow

SMALL = StackSpec(depth=12, width=16, batch=8)


BACK = r"\frac{\partial L}{\partial h} = J^{\top} \frac{\partial L}{\partial h'}"


def test_the_factor_is_the_geometric_mean_over_layers() -> None:
    assert factor(np.array([8.0, 100.0, 0.5, 1.0])) == pytest.approx(2)


def test_the_factor_stops_where_float32_does() -> None:
    assert factor(np.array([0.0, 1e-40, 1e-35, 1e-30, 1e-25])) == pytest.approx(1e-5)
    deep = gradient_flow(SMALL.but(depth=200, width=64)).plain
    assert deep.gradient[0] == 0
    assert factor(deep.gradient) == pytest.approx(0.57, abs=0.02)


@pytest.mark.parametrize("gradient", [[0.0, 1.0], [np.nan, np.nan, np.nan], [np.inf, 1.0, 1.0]])
def test_without_a_layer_to_measure_there_is_no_factor(gradient: list[float]) -> None:
    assert math.isnan(factor(np.array(gradient)))


@pytest.mark.parametrize(
    ("change", "quantity", "shortcuts", "expected"),
    [
        ({}, "signal", True, "h' = h + F(h)"),
        ({}, "signal", False, "h' = F(h)"),
        ({"norm": "post", "scale": "root"}, "signal", True, r"h' = \operatorname{LN}(h + \alpha F(h))"),
        ({"norm": "post"}, "signal", False, r"h' = \operatorname{LN}(F(h))"),
        ({"halvings": 1}, "signal", True, r"h' = P\,h + F(h)"),
        ({}, "gradient", True, BACK.replace("J", "(I + J_F)")),
        (
            {"norm": "post", "scale": "own", "halvings": 2}, "gradient", True,
            BACK.replace("J", r"(J_{\mathrm{LN}}\,(P + \alpha J_F))"),
        ),
        ({}, "gradient", False, BACK.replace("J", "J_F")),
        ({}, "relative", True, r"\frac{\partial L}{\partial W} = \sum_n \delta_n a_n^{\top}"),
    ],
)  # fmt: skip
def test_the_formula_is_that_of_the_networks(
    change: dict[str, Any], quantity: str, shortcuts: bool, expected: str
) -> None:
    assert formula(SMALL.but(**change), quantity, shortcuts) == expected


def test_the_table_holds_both_twins_own_numbers() -> None:
    flow = gradient_flow(SMALL)
    plain, residual = summary(flow).to_dict("records")
    assert (plain["first"], plain["last"]) == (flow.plain.weight_mean[0], flow.plain.weight_mean[-1])
    assert plain["factor"] ** 12 * flow.plain.gradient[-1] == pytest.approx(flow.plain.gradient[0])
    assert residual["loss"] == flow.residual.loss
    assert plain["expected"] < 0.65 < 1 < residual["expected"]


def test_where_theory_says_nothing_no_number_stands() -> None:
    assert summary(gradient_flow(SMALL.but(norm="batch")))["expected"].isna().all()


def test_a_network_without_trouble_has_no_notes() -> None:
    assert notes(gradient_flow(SMALL)) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"initializer": "zeros"},
            "^Without .* the weights' gradient is exactly 0 in layers 2 to 12: the weights of layer 1 are 0",
        ),
        (
            {"scale": "zero"},
            "^With .* the weights' gradient is exactly 0 in every layer: the branch is multiplied by 0",
        ),
        (
            {"depth": 40, "width": 2, "activation": "relu", "initializer": "he_normal", "batch": 128},
            "^Without .* 0 in every layer: all 2 units of layer 4 are silent: their output and their slope are 0",
        ),
        (
            {"depth": 10, "width": 2, "halvings": 1, "norm": "pre"},
            "^Without .* 0 in every layer: the normalization in the head has a single unit, so its output is constant",
        ),
        ({"activation": "identity", "gain": 10, "depth": 60, "width": 64}, r"the signal is infinite from layer \d+ on"),
        (
            {"activation": "sigmoid", "depth": 120},
            r"^Without .* 0 in layers 1 to \d+: the gradient became too small in layer \d+, because float32 has",
        ),
    ],
)
def test_what_leaves_the_numbers_of_float32_is_said(change: dict[str, Any], sentence: str) -> None:
    said = notes(gradient_flow(SMALL.but(**change)))
    assert any(re.search(sentence, each) for each in said), said


def test_the_layers_named_are_those_without_a_gradient() -> None:
    flow = gradient_flow(SMALL.but(activation="sigmoid", depth=120))
    said, *_ = notes(flow)
    last = int(said.split(":")[0].rsplit(" ", 1)[1])
    assert (flow.plain.weight_gradient[:last] == 0).all() and (flow.plain.weight_gradient[last:] > 0).all()


def test_a_gradient_that_overflows_on_its_way_back_is_told() -> None:
    flow = gradient_flow(SMALL)
    gradient = flow.residual.weight_gradient.copy()
    gradient[:3] = np.inf
    assert notes(replace(flow, residual=replace(flow.residual, weight_gradient=gradient))) == [
        "With shortcuts the gradients overflow in layer 3 on their way back."
    ]
