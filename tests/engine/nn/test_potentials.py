"""Transfer functions: each derivative and each potential against autograd, and the laws of the matching loss."""

import math

import pytest
import torch
from torch import Tensor

from engine.nn import ACTIVATIONS, FUNCTIONS, TRANSFERS

torch.set_num_threads(1)

each = pytest.mark.parametrize("name", TRANSFERS)
MINIMUM_ROOM = 1e-12


def points(rows: int = 50, units: int = 4, seed: int = 0) -> Tensor:
    return 3 * torch.randn(rows, units, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@each
def test_the_transfer_is_the_gradient_of_its_potential(name: str) -> None:
    transfer, a = TRANSFERS[name], points().requires_grad_()
    (gradient,) = torch.autograd.grad(transfer.potential(a).sum(), a)
    torch.testing.assert_close(gradient, transfer.f(a), rtol=1e-13, atol=1e-13)


@each
def test_the_derivative_is_autograd_s(name: str) -> None:
    transfer = TRANSFERS[name]
    for a in points(6):
        jacobian = torch.autograd.functional.jacobian(transfer.f, a)
        derivative = transfer.derivative(a)
        torch.testing.assert_close(derivative if derivative.dim() == 2 else derivative.diag(), jacobian)


@each
def test_the_matching_loss_is_a_divergence(name: str) -> None:
    transfer, to, at = TRANSFERS[name], points(seed=1), points(seed=2)
    assert (transfer.divergence(to, at) >= -MINIMUM_ROOM).all()
    torch.testing.assert_close(transfer.divergence(at, at), torch.zeros(len(at), dtype=torch.float64))


@each
def test_the_slope_of_the_matching_loss_is_the_difference_of_activations(name: str) -> None:
    transfer, to, at = TRANSFERS[name], points(seed=1).requires_grad_(), points(seed=2)
    (slope,) = torch.autograd.grad(transfer.divergence(to, at).sum(), to)
    torch.testing.assert_close(slope, transfer.f(to) - transfer.f(at))


def test_the_matching_loss_of_the_identity_is_half_the_squared_distance() -> None:
    to, at = points(seed=1), points(seed=2)
    torch.testing.assert_close(TRANSFERS["identity"].divergence(to, at), 0.5 * (to - at).square().sum(-1))


def test_the_matching_loss_of_the_sigmoid_and_of_softmax_is_the_kullback_leibler_divergence() -> None:
    to, at = points(seed=1), points(seed=2)
    p, q = torch.sigmoid(at), torch.sigmoid(to)
    bernoulli = p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()
    torch.testing.assert_close(TRANSFERS["sigmoid"].divergence(to, at), bernoulli.sum(-1))
    p, q = torch.softmax(at, -1), torch.softmax(to, -1)
    torch.testing.assert_close(TRANSFERS["softmax"].divergence(to, at), (p * (p / q).log()).sum(-1))


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_the_matching_loss_is_flat_where_the_unit_is_insensitive(name: str) -> None:
    to, at = torch.tensor([[-40.0], [-60.0]], dtype=torch.float64)
    assert TRANSFERS[name].divergence(to, at).item() == pytest.approx(0, abs=1e-12)
    assert TRANSFERS["identity"].divergence(to, at).item() == 200


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softmax"])
def test_potentials_do_not_overflow(name: str) -> None:
    large = torch.tensor([1e4, -1e4], dtype=torch.float64)
    exact = {"tanh": 2e4 - 2 * math.log(2), "sigmoid": 1e4, "softmax": 1e4}[name]
    assert TRANSFERS[name].potential(large).item() == pytest.approx(exact, rel=1e-15)


@pytest.mark.parametrize("name", [name for name, transfer in TRANSFERS.items() if transfer.sample])
def test_what_is_drawn_has_the_transfer_as_its_mean_and_the_derivative_as_its_covariance(name: str) -> None:
    transfer, a = TRANSFERS[name], points(3)
    assert transfer.sample is not None
    drawn = transfer.sample(a.repeat(20_000, 1, 1), torch.Generator().manual_seed(0))
    for one, samples in zip(a, drawn.unbind(1), strict=True):
        derivative = transfer.derivative(one)
        covariance = derivative if derivative.dim() == 2 else derivative.diag()
        torch.testing.assert_close(samples.mean(0), transfer.f(one), rtol=0, atol=0.03)
        torch.testing.assert_close(samples.T.cov(), covariance, rtol=0, atol=0.04)


def test_every_function_stands_in_one_registry() -> None:
    assert ACTIVATIONS.keys() | TRANSFERS.keys() == FUNCTIONS.keys()
    assert FUNCTIONS.keys() - ACTIVATIONS.keys() == {"softmax"}
    assert all(FUNCTIONS[name] is each for name, each in {**ACTIVATIONS, **TRANSFERS}.items())


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() & TRANSFERS.keys()))
def test_the_derivative_written_out_is_the_slope(name: str) -> None:
    a = points()
    torch.testing.assert_close(TRANSFERS[name].derivative(a), ACTIVATIONS[name].slope(a), rtol=1e-13, atol=1e-13)
