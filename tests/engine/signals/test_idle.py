"""Idle units are those that pass no gradient on for any sample, and they are counted by kind."""

import pytest
import torch

from engine.signals import Idle, StackSpec, batch, build, gradient_flow
from engine.signals.idle import idle

torch.set_num_threads(1)

SMALL = StackSpec(depth=4, width=16, batch=32)


@pytest.mark.parametrize(
    ("activation", "push", "expected"),
    [("relu", -1e3, Idle(3, 0, 16)), ("hard_tanh", 1e3, Idle(0, 3, 16)), ("relu", 1e3, Idle(0, 0, 16))],
)
@pytest.mark.parametrize("norm", ["none", "pre"])
def test_units_that_are_pushed_to_the_flat_part_are_counted(
    activation: str, push: float, expected: Idle, norm: str
) -> None:
    """Layer 2 of each twin receives biases that push three units to the flat part of the activation."""
    spec = SMALL.but(activation=activation, norm=norm)
    for network in build(spec):
        layer = network.layers()[1]
        points = torch.randn(32, 16, generator=torch.Generator().manual_seed(1))
        points[:4] *= 0.01
        points[:, :3] += push
        assert idle(layer, points) == expected


def test_a_layer_is_idle_as_counted_by_the_slopes_of_its_outputs() -> None:
    """Counted again from the network's own outputs: a ReLU unit is silent if and only if it is 0 for every sample."""
    spec = SMALL.but(activation="relu", depth=30)
    found = gradient_flow(spec).plain.idle
    network, (inputs, _) = build(spec)[0], batch(spec)
    state = network.stem(inputs)
    for span, layer in zip(network.spans, found, strict=True):
        state = span(state)
        assert layer == Idle(int((state == 0).all(0).sum()), 0, 16)
    assert found[-1].silent > 0
