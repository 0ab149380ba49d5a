"""Potentials F of activation functions f, with F' = f, their derivatives f', and draws from their families.

Shapes and meaning are those of the fields of ``Transfer``.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

LEAK = 0.01
"""The slope of the leaky ReLU below zero, torch's default."""


def identity_potential(z: Tensor) -> Tensor:
    return 0.5 * z.square().sum(-1)


def draw_normal(z: Tensor, generator: torch.Generator) -> Tensor:
    return z + torch.randn(z.shape, generator=generator, dtype=z.dtype, device=z.device)


def tanh_derivative(z: Tensor) -> Tensor:
    return 1 - torch.tanh(z).square()


def tanh_potential(z: Tensor) -> Tensor:
    # log cosh z = |z| + log(1 + exp(-2 |z|)) - log 2, written so that cosh does not overflow.
    return (z.abs() + F.softplus(-2 * z.abs()) - torch.log(torch.tensor(2.0, dtype=z.dtype))).sum(-1)


def sigmoid_derivative(z: Tensor) -> Tensor:
    return torch.sigmoid(z) * torch.sigmoid(-z)


def sigmoid_potential(z: Tensor) -> Tensor:
    # Not torch's softplus: above 20 it returns z, which is off by more than rounding.
    return torch.logaddexp(z, torch.zeros_like(z)).sum(-1)


def draw_bernoulli(z: Tensor, generator: torch.Generator) -> Tensor:
    # torch refuses to draw from NaN. The loss is NaN as well then, and the caller reports that.
    return torch.bernoulli(torch.sigmoid(z).nan_to_num(0.5), generator=generator)


def relu_derivative(z: Tensor) -> Tensor:
    return (z > 0).to(z.dtype)


def relu_potential(z: Tensor) -> Tensor:
    return 0.5 * torch.relu(z).square().sum(-1)


def leaky_relu_derivative(z: Tensor) -> Tensor:
    return torch.where(z > 0, torch.ones_like(z), LEAK)


def leaky_relu_potential(z: Tensor) -> Tensor:
    return 0.5 * (z * F.leaky_relu(z, LEAK)).sum(-1)


def softmax_derivative(z: Tensor) -> Tensor:
    p = torch.softmax(z, -1)
    return torch.diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2)


def softmax_potential(z: Tensor) -> Tensor:
    return torch.logsumexp(z, -1)


def draw_categorical(z: Tensor, generator: torch.Generator) -> Tensor:
    classes = z.shape[-1]
    drawn = torch.multinomial(torch.softmax(z, -1).reshape(-1, classes), 1, generator=generator)
    return F.one_hot(drawn.view(z.shape[:-1]), classes).to(z.dtype)
