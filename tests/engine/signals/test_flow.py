"""Signals and gradients against torch's own backward pass and against the laws of signals in depth."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.nn.capture import capture
from engine.signals import StackSpec, build, gradient_flow
from engine.signals.flow import BINS
from engine.signals.network import Network, batch

SPEC = StackSpec(depth=12, width=16, batch=20, norm="pre")


def summed_loss(network: Network, inputs: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.cross_entropy(network(inputs), labels, reduction="sum")


def test_numbers_are_those_of_a_plain_backward_pass() -> None:
    found = gradient_flow(SPEC)
    inputs, labels = batch(SPEC)
    for network, trace in zip(build(SPEC), (found.plain, found.residual), strict=True):
        # The sum of the samples' losses.
        seen = capture(network.states(), partial(summed_loss, network, inputs, labels))
        states = list(seen.outputs.values())
        for state in states:
            state.retain_grad()
        seen.loss.backward()
        for place, state in enumerate(states):
            assert trace.signal[place] == pytest.approx(state.norm(dim=1).square().mean().sqrt().item(), rel=1e-5)
            assert state.grad is not None
            assert trace.gradient[place] == pytest.approx(
                state.grad.norm(dim=1).square().mean().sqrt().item(), rel=1e-5
            )
        for place, layer in enumerate(network.layers()):
            weight = layer.linear.weight
            assert weight.grad is not None
            gradient = weight.grad / len(inputs)
            assert trace.weight_mean[place] == pytest.approx(gradient.abs().mean().item(), rel=1e-5)
            assert trace.weight_gradient[place] == pytest.approx(gradient.norm().item(), rel=1e-5)
            assert trace.relative[place] == pytest.approx((gradient.norm() / weight.norm()).item(), rel=1e-5)


def test_histograms_hold_every_gradient_once() -> None:
    found = gradient_flow(SPEC.but(activation="relu"))
    assert found.edges.shape == (BINS + 1,)
    for trace in (found.plain, found.residual):
        np.testing.assert_array_equal(trace.histogram.sum(1) + trace.zero, 16 * 16)


def test_the_table_has_a_row_a_twin_and_layer() -> None:
    table = gradient_flow(SPEC).table()
    assert list(table.groupby("twin", sort=False)["layer"].agg(["min", "max"]).itertuples(name=None)) == [
        ("plain", 0, 12), ("residual", 0, 12)
    ]  # fmt: skip
    assert not table.loc[table["layer"] > 0].isna().any().any()


WIDE = StackSpec(depth=16, width=512, batch=64, activation="relu", initializer="he_normal", order="before")


@pytest.mark.parametrize(("scale", "factor"), [("one", 2.0), ("root", 1 + 1 / 16)])
def test_the_energy_of_he_branches_grows_by_the_known_factor_a_block(scale: str, factor: float) -> None:
    found = gradient_flow(WIDE.but(scale=scale)).residual
    energy = (found.signal / found.signal[0]) ** 2
    assert energy[-1] ** (1 / 16) == pytest.approx(factor, rel=0.02)
    assert found.expected is not None
    np.testing.assert_allclose(found.expected.growth, factor ** np.arange(17), rtol=0.01)


def test_plain_relu_layers_of_variance_two_keep_the_energy_and_of_one_halve_it() -> None:
    spec = WIDE.but(order="after", depth=8)
    for gain, factor in ((1.0, 1.0), (1 / math.sqrt(2), 0.5)):
        found = gradient_flow(spec.but(gain=gain)).plain
        assert found.expected is not None
        np.testing.assert_allclose(found.expected.growth[1:], factor ** np.arange(1, 9), rtol=0.03)
        assert (found.signal[-1] / found.signal[0]) ** (2 / 8) == pytest.approx(factor, rel=0.04)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
@pytest.mark.parametrize("norm", ["none", "pre", "post"])
@pytest.mark.parametrize("order", ["after", "before"])
@pytest.mark.parametrize(("block", "every"), [(1, 1), (2, 1), (1, 4)])
def test_mean_field_theory_expects_what_wide_networks_do(
    activation: str, norm: str, order: str, block: int, every: int
) -> None:
    spec = WIDE.but(activation=activation, norm=norm, order=order, block=block, every=every, depth=10, scale="root")
    found = gradient_flow(spec)
    for trace in (found.plain, found.residual):
        if trace is found.residual and (block * every > 1 or (order == "after" and activation != "tanh")):
            assert trace.expected is None  # the theory does not cover it
            continue
        assert trace.expected is not None
        # Each layer's weights are one random draw. The mean over the layers reduces the randomness.
        grown = np.diff(2 * np.log(trace.signal)) - np.diff(np.log(trace.expected.growth))
        back = -np.diff(2 * np.log(trace.gradient)) - np.log(trace.expected.chi)
        assert abs(grown.mean()) < 0.08 and abs(back.mean()) < 0.08


@pytest.mark.parametrize("change", [{"norm": "batch"}, {"halvings": 1}, {"every": 2}])
def test_where_the_theory_says_nothing_nothing_is_expected(change: dict[str, object]) -> None:
    assert gradient_flow(SPEC.but(**{"norm": "none"} | change)).residual.expected is None


def test_weight_gradients_stay_flat_where_signal_and_gradient_both_fade() -> None:
    """Most demonstrations overlook this: in dL/dW, the two decays cancel."""
    found = gradient_flow(WIDE.but(order="after", depth=12, gain=0.4)).plain
    assert found.signal[-1] / found.signal[1] < 1e-4
    assert found.gradient[1] / found.gradient[-1] < 1e-4
    assert found.weight_gradient.max() / found.weight_gradient.min() < 3


def test_what_overflows_is_shown_as_what_it_is() -> None:
    found = gradient_flow(SPEC.but(depth=60, norm="none", activation="identity", gain=10, width=64))
    assert not np.isfinite(found.plain.gradient).all()
    assert found.plain.histogram.shape == (60, BINS)


def test_numbers_do_not_depend_on_what_ran_before() -> None:
    first = gradient_flow(SPEC).table()
    torch.manual_seed(99)
    gradient_flow(SPEC.but(depth=3))
    assert first.equals(gradient_flow(SPEC).table())
