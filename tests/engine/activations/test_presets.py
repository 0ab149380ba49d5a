"""Each preset shows what its sentences say, and each question's right answer is the one that the numbers give."""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from engine.activations import Comparison, DepthSpec, Phase, Propagation, Scheme, compare, phase, propagate
from engine.activations.finding import advice
from engine.activations.presets import PRESETS, TRAININGS
from engine.activations.recorded import recorded
from engine.activations.trained import Trained
from engine.experiment import Preset
from engine.spec import decode, encode

RUNS: dict[str, Any] = {"depth": propagate, "plane": phase, "functions": compare, "training": recorded}
"""View -> its computation. Trainings are read from their recordings."""

RIGHT = {
    "Sigmoid's paralysis": "Less than a millionth",
    "Dead at birth": "Nearly all",
    "tanh: 5/3 or 1.59?": "It explodes",
    "PyTorch's default": "Less than a thousandth",
    "SELU's fixed point": "About 1",
    "Killed by a long step": "Nearly half",
    "What Xavier and Kaiming fix": "Only with Kaiming and Xavier",
    "When it does not matter": "They hardly differ",
    "The hockey stick": "Far above 2",
    "Which one learns?": "ReLU and tanh",
    "The edge of chaos": "They drift apart",
}
"""Preset -> the right answer of its question."""


def named(title: str) -> Preset[Any]:
    return next(preset for preset in PRESETS if preset.title == title)


@cache
def result(title: str) -> Any:
    preset = named(title)
    return RUNS[preset.view](preset.spec)


def through(title: str) -> Propagation:
    found = result(title)
    assert isinstance(found, Propagation)
    return found


def per_layer(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """The geometric mean of the factor from each layer to the one before it."""
    return float((values[0] / values[-1]) ** (1 / (len(values) - 1)))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_preset_fits_in_a_link(preset: Preset[Any]) -> None:
    assert decode(type(preset.spec), encode(preset.spec)) == (preset.spec, [])


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_the_right_answer_is_the_one_that_the_numbers_give(preset: Preset[Any]) -> None:
    assert (preset.question is None) == (preset.title not in RIGHT)
    if preset.question:
        assert preset.question.answers[preset.question.right(result(preset.title))] == RIGHT[preset.title]


def test_sigmoids_pass_back_a_quarter_and_tanh_a_third_in_all() -> None:
    sigmoid, tanh = (trace.middle("gradient") for trace in through("Sigmoid's paralysis").traces)
    assert per_layer(sigmoid) == pytest.approx(0.25, abs=0.03)
    assert 1e-13 < sigmoid[0] / sigmoid[-1] < 1e-11
    assert tanh[0] / tanh[-1] == pytest.approx(1 / 3, abs=0.08)


def test_biases_of_minus_3_silence_all_from_the_second_layer_on() -> None:
    dead, leaky = through("Dead at birth").traces
    assert (dead.silent[:, 1:] == 1).all() and dead.middle("silent")[0] < 0.5
    assert (dead.gradient[:, :-1] == 0).all()
    factor = per_layer(leaky.middle("gradient"))
    assert factor == pytest.approx(math.sqrt(2) * 0.01, rel=0.1)
    assert leaky.silent.max() == 0


def test_no_gain_of_tanh_keeps_both() -> None:
    found = through("tanh: 5/3 or 1.59?").traces
    five_thirds, exact, xavier = found
    for trace, growth in ((five_thirds, 1.21), (exact, 1.18)):
        assert trace.predicted.chi[-1] == pytest.approx(growth, abs=0.006)
        assert per_layer(trace.middle("gradient") ** 2) == pytest.approx(growth, abs=0.05)
        kept = trace.middle("signal")
        assert 0.75 < kept[-1] / kept[0] < 1
    signal, gradient = (xavier.middle(name) for name in ("signal", "gradient"))
    assert signal[-1] / signal[0] < 0.3 and gradient[0] / gradient[-1] < 0.3
    assert named("tanh: 5/3 or 1.59?").spec.schemes[1].function("z").gain == pytest.approx(1.5925, abs=5e-5)


def test_torch_s_default_multiplies_the_mean_square_by_a_sixth() -> None:
    default, he = (trace.middle("signal") for trace in through("PyTorch's default").traces)
    assert per_layer(default**2) == pytest.approx(6, rel=0.1)
    assert default[-1] < 1e-15
    assert he[-1] / he[0] > 0.1
    predicted = through("PyTorch's default").traces[0].expectation("signal")
    assert predicted is not None and predicted[-1] / predicted[0] == pytest.approx(6**-24.5, rel=0.5)
    shallow = propagate(named("PyTorch's default").spec.but(depth=2))
    assert advice(shallow) == []


def test_selu_recovers_within_30_layers_and_tanh_only_shrinks() -> None:
    selu, tanh = (trace.middle("spread") for trace in through("SELU's fixed point").traces)
    assert selu[0] < 0.15
    assert selu[29] == pytest.approx(1, abs=0.08) and selu[-1] == pytest.approx(1, abs=0.08)
    assert tanh[-1] < tanh[0] and (np.diff(tanh) < 0.002).all()


def test_a_last_layer_that_is_too_large_starts_far_above_a_guess() -> None:
    bad = DepthSpec(depth=5, schemes=(Scheme(initializer="he_normal"),), last=30.0)
    found = propagate(bad)
    assert found.chance == pytest.approx(2.303, abs=5e-4)
    assert found.traces[0].loss.min() > 10
    assert "Scale it down" in advice(found)[0]
    repaired = propagate(bad.but(last=0.1))
    assert repaired.traces[0].loss == pytest.approx(2.303, abs=0.02)
    assert advice(repaired) == []


def training(name: str) -> Trained:
    found = recorded(TRAININGS[name])
    assert found is not None and found.progress == 1
    return found


def test_the_hockey_stick_s_first_steps_take_most_of_its_height() -> None:
    bad, good = (training(name).curves[0].middle("loss") for name in ("hockey", "hockey_not"))
    assert bad[0] > 4 * training("hockey").chance and good[0] == pytest.approx(math.log(3), abs=0.01)
    assert bad[0] - bad[4] > 0.75 * (bad[0] - bad[-1])  # within 41 of 400 steps


def test_a_long_step_kills_relus_and_no_leaky_ones() -> None:
    relu, leaky = (curves.middle("silent") for curves in training("killed").curves)
    assert relu[0] < 0.1 and relu[1] > 0.3 and relu[-1] >= relu[1] - 0.02  # ten steps, and none comes back
    assert (leaky == 0).all()
    usual = training("killed_not").curves[0].middle("silent")
    assert usual.max() < 0.1
    assert min(curves.right[:, -1].min() for curves in training("killed").curves) > 0.9
    assert TRAININGS["killed"].lr == pytest.approx(30 * TRAININGS["killed_not"].lr)


def test_two_layers_learn_with_any_of_four_choices_and_ten_do_not() -> None:
    ends = [curves.right[:, -1] for curves in training("shallow").curves]
    assert max(end.max() for end in ends) - min(end.min() for end in ends) < 0.03
    deep = training("who_learns").curves[2]
    assert deep.middle("right")[-1] < 0.4
    assert training("who_learns_scaled").curves[2].right[:, -1].min() > 0.7  # with weights 4 times as large


def test_each_layer_multiplies_the_signal_by_what_the_weights_say() -> None:
    small, large, kaiming, xavier = (trace.middle("signal") for trace in through("What Xavier and Kaiming fix").traces)
    assert per_layer(small) == pytest.approx(1 / (0.01 * math.sqrt(32)), rel=0.1)
    assert per_layer(large) == pytest.approx(1 / math.sqrt(32), rel=0.1)
    assert per_layer(kaiming) == pytest.approx(1, abs=0.1) and per_layer(xavier) == pytest.approx(1.07, abs=0.05)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_an_advice_leads_to_a_result_that_is_there(preset: Preset[Any]) -> None:
    for changes in preset.tries.values():
        assert RUNS[preset.view](preset.spec.but(**changes)) is not None


def test_nearly_equal_inputs_drift_apart_on_the_right_of_the_line() -> None:
    found = result("The edge of chaos")
    assert isinstance(found, Phase)
    assert found.own_chi > 1.1
    assert found.measured[0] > 0.95 and found.measured[-1] < 0.7 and found.predicted[-1] < 0.5
    (line,) = named("The edge of chaos").tries.values()
    assert phase(found.spec.but(**line)).own_chi == pytest.approx(1, abs=0.01)
    left = phase(found.spec.but(weight=0.8))
    assert left.own_chi < 1 and left.measured[-1] > 0.99


def test_a_negative_slope_below_zero_is_not_monotone() -> None:
    found = result("Slopes below zero")
    assert isinstance(found, Comparison)
    assert [each.character.monotone for each in found.responses] == [True, True, False]
    valley = found.responses[-1]
    np.testing.assert_allclose(valley.value, np.where(found.z > 0, found.z, -0.5 * found.z))
