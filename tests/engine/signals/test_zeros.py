"""Gradients that are exactly 0: each cause is told from the others, with its layer."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.signals import Network, StackSpec, batch, build, gradient_flow
from engine.signals.zeros import Zero, zeros

torch.set_num_threads(1)

SMALL = StackSpec(depth=6, width=16, batch=32)


def plain(spec: StackSpec) -> tuple[Network, Tensor, Tensor]:
    return build(spec)[0], *batch(spec)


def test_a_network_with_gradients_everywhere_has_no_causes() -> None:
    for network in build(SMALL):
        assert zeros(network, *batch(SMALL)) == ()


def test_a_dead_layer_silences_all_others() -> None:
    network, inputs, labels = plain(SMALL.but(activation="relu"))
    network.layers()[2].linear.bias.data.fill_(-1e3)
    assert zeros(network, inputs, labels) == (Zero((1, 2, 3, 4, 5, 6), "silent", 3, 16),)


def test_a_saturated_layer_stops_the_gradient_of_those_before_it_and_its_own() -> None:
    network, inputs, labels = plain(SMALL.but(activation="hard_tanh"))
    network.layers()[3].linear.bias.data.fill_(1e3)
    assert zeros(network, inputs, labels) == (Zero((1, 2, 3, 4), "saturated", 4, 16),)


def test_weights_that_are_zero_are_named() -> None:
    network, inputs, labels = plain(SMALL)
    network.layers()[3].linear.weight.data.zero_()
    network.layers()[3].linear.bias.data.fill_(0.1)
    assert zeros(network, inputs, labels) == (Zero((1, 2, 3), "weights", 4, 16),)
    network, inputs, labels = plain(SMALL)
    network.head.weight.data.zero_()
    assert zeros(network, inputs, labels) == (Zero((1, 2, 3, 4, 5, 6), "weights", 7, 16),)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_normalization_of_one_unit_is_constant(norm: str) -> None:
    found = zeros(*plain(SMALL.but(width=2, halvings=1, norm=norm)))
    assert {zero.cause for zero in found} == {"constant"}
    assert {zero.units for zero in found} == {1}


def test_a_branch_that_is_multiplied_by_zero_is_told_from_weights_that_are() -> None:
    spec = SMALL.but(scale="zero")
    assert zeros(build(spec)[1], *batch(spec)) == (Zero((1, 2, 3, 4, 5, 6), "scale", 0, 16),)


def test_what_is_too_small_for_float32_is_told_from_what_is_dead() -> None:
    """The signal of the deep layers, and the gradient of the first layers, in float64 and in float32."""
    spec = SMALL.but(depth=120, gain=0.01)
    network, inputs, labels = plain(spec)
    found = {zero.cause: zero for zero in zeros(network, inputs, labels)}
    assert found.keys() == {"signal", "gradient"}
    assert found["gradient"].layers[0] == 1 and found["signal"].layers[-1] == 120
    exact = network.double()
    state = exact.stem(inputs.double())
    for number, span in enumerate(exact.spans, 1):
        state = span(state)
        if number == found["signal"].place:
            assert 0 < state.abs().max() < 1e-44
            break


def test_ways_that_are_blocked_exactly_are_not_called_too_small() -> None:
    """Units 0 and 1 of layer 2 are silent, and the weights from units 2 and 3 on are 0: no number is small."""
    network, inputs, labels = plain(SMALL.but(depth=4, width=4, activation="relu"))
    second, third = network.layers()[1].linear, network.layers()[2].linear
    second.bias.data[:2] = -1e3
    second.bias.data[2:] = 1.0
    third.weight.data[:, 2:] = 0
    third.bias.data.fill_(1.0)
    found = zeros(network, inputs, labels)
    assert {zero.cause for zero in found} == {"blocked"}
    assert network.double() and {zero.cause for zero in zeros(network, inputs.double(), labels)} == {"blocked"}


def test_each_silent_layer_of_a_residual_network_is_silent_alone() -> None:
    spec = StackSpec(depth=40, width=2, activation="relu", initializer="he_normal")
    network = build(spec)[1]
    (found,) = zeros(network, *batch(spec))
    assert (found.cause, found.place, found.units) == ("silent", 0, 2)
    loss = nn.functional.cross_entropy(network(batch(spec)[0]), batch(spec)[1])
    gradients = torch.autograd.grad(loss, [layer.linear.weight for layer in network.layers()])
    assert found.layers == tuple(n for n, gradient in enumerate(gradients, 1) if not gradient.any())


@pytest.mark.parametrize(
    "change",
    [{}, {"activation": "relu", "width": 2, "depth": 40}, {"gain": 0.0}, {"norm": "batch"}, {"order": "before"}],
)
def test_the_causes_name_exactly_the_layers_without_a_gradient(change: dict[str, Any]) -> None:
    flow = gradient_flow(SMALL.but(**change))
    for trace in (flow.plain, flow.residual):
        named = sorted(number for zero in trace.causes for number in zero.layers)
        assert named == [number for number, norm in enumerate(trace.weight_gradient, 1) if norm == 0]
