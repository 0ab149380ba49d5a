"""Potentials F of activation functions f, the derivatives f', and draws from the exponential families of F.

Shapes and meaning are those of the fields of ``Transfer``. Functions of one expression are in the registry instead.
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
    # torch's softplus is not used: above 20 it returns z, and this error is larger than rounding.
    return torch.logaddexp(z, torch.zeros_like(z)).sum(-1)


def draw_bernoulli(z: Tensor, generator: torch.Generator) -> Tensor:
    # torch refuses to draw from NaN, so 0.5 replaces NaN. The loss is then NaN too, and the caller reports this.
    return torch.bernoulli(torch.sigmoid(z).nan_to_num(0.5), generator=generator)


def softmax_derivative(z: Tensor) -> Tensor:
    p = torch.softmax(z, -1)
    return torch.diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2)


def draw_categorical(z: Tensor, generator: torch.Generator) -> Tensor:
    classes = z.shape[-1]
    drawn = torch.multinomial(torch.softmax(z, -1).reshape(-1, classes), 1, generator=generator)
    return F.one_hot(drawn.view(z.shape[:-1]), classes).to(z.dtype)
