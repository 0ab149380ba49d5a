"""Activations against torch's own modules, published constants, and integrals computed in another way."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from engine.nn import ACTIVATIONS

Z = torch.linspace(-6.03, 6.02, 201, dtype=torch.float64)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_its_code_makes_it(name: str) -> None:
    activation = ACTIVATIONS[name]
    module = eval(activation.code, {"nn": nn, "torch": torch})  # this text comes from the lab, not from a visitor
    torch.testing.assert_close(activation.f(Z), module(Z), rtol=0, atol=0)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_its_derivative_is_the_slope_of_its_graph(name: str) -> None:
    activation, step = ACTIVATIONS[name], 1e-6
    slope = (activation.f(Z + step) - activation.f(Z - step)) / (2 * step)
    torch.testing.assert_close(activation.slope(Z), slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("relu", math.sqrt(2)), ("tanh", 1.5925), ("gelu", 1.5335), ("silu", 1.6765), ("elu", 1.2452), ("selu", 1.0),
        ("identity", 1.0), ("leaky_relu", nn.init.calculate_gain("leaky_relu", 0.01)),
    ],
)  # fmt: skip
def test_gains(name: str, gain: float) -> None:
    assert ACTIVATIONS[name].gain == pytest.approx(gain, rel=5e-5)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("variance", [0.3, 1.0, 4.0])
def test_moments_are_those_of_a_sample(name: str, variance: float) -> None:
    """With a million antithetic draws, the means agree within five standard errors. Rare values may be missing."""
    activation = ACTIVATIONS[name]
    half = torch.randn(500_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * math.sqrt(variance)
    sample = torch.cat([half, -half])
    for values, moment in (
        (activation.f(sample).square(), activation.moment(variance)),
        (activation.slope(sample).square(), activation.slope_moment(variance)),
    ):
        error = values.std().item() / math.sqrt(len(sample)) + values.max().item() / len(sample)
        assert abs(values.mean().item() - moment) <= 5 * error + 1e-12


def test_tanh_with_torch_s_gain_has_the_published_fixed_point() -> None:
    """q = (5/3)^2 E tanh(sqrt(q) z)^2 at q = 1.17848, where chi = 1.2098: the gradient slowly explodes."""
    tanh, gain = ACTIVATIONS["tanh"], (5 / 3) ** 2
    q = 1.0
    for _ in range(200):
        q = gain * tanh.moment(q)
    assert q == pytest.approx(1.17848, abs=5e-6)
    assert gain * tanh.slope_moment(q) == pytest.approx(1.2098, abs=5e-5)


def test_each_has_what_a_page_shows() -> None:
    assert len(ACTIVATIONS) >= 14
    labels = [activation.label for activation in ACTIVATIONS.values()]
    assert len(set(labels)) == len(labels)
    assert all(np.isfinite(activation.gain) and activation.source[1] for activation in ACTIVATIONS.values())
