"""Potentials F of activation functions f, their derivatives f', and draws from their families.

Shapes and meaning are those of the fields of ``Transfer``. Where one expression is enough, it stands in the registry.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def draw_normal(z: Tensor, generator: torch.Generator) -> Tensor:
    return z + torch.randn(z.shape, generator=generator, dtype=z.dtype, device=z.device)


def tanh_potential(z: Tensor) -> Tensor:
    # log cosh z = |z| + log(1 + exp(-2 |z|)) - log 2, written so that cosh does not overflow.
    return (z.abs() + F.softplus(-2 * z.abs()) - torch.log(torch.tensor(2.0, dtype=z.dtype))).sum(-1)


def sigmoid_potential(z: Tensor) -> Tensor:
    # Not torch's softplus: above 20 it returns z, which is off by more than rounding.
    return torch.logaddexp(z, torch.zeros_like(z)).sum(-1)


def draw_bernoulli(z: Tensor, generator: torch.Generator) -> Tensor:
    # torch refuses to draw from NaN. The loss is NaN as well then, and the caller reports that.
    return torch.bernoulli(torch.sigmoid(z).nan_to_num(0.5), generator=generator)


def softmax_derivative(z: Tensor) -> Tensor:
    p = torch.softmax(z, -1)
    return torch.diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2)


def draw_categorical(z: Tensor, generator: torch.Generator) -> Tensor:
    classes = z.shape[-1]
    drawn = torch.multinomial(torch.softmax(z, -1).reshape(-1, classes), 1, generator=generator)
    return F.one_hot(drawn.view(z.shape[:-1]), classes).to(z.dtype)
