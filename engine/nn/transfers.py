"""Transfer functions, each with its derivative and its potential.

A transfer function maps a layer's pre-activations a to its activations f(a). Each f here is the gradient of a convex
potential F, and F makes a loss to measure pre-activations by, the *matching loss*: its Bregman divergence

    D(a', a) = F(a') - F(a) - f(a) (a' - a),    with gradient f(a') - f(a) in a'.

It is flat where f does not react to a, and it is what LocoProp-M minimizes in each layer: Amid, Anil and Warmuth,
"LocoProp: Enhancing BackProp via Local Loss Optimization", AISTATS 2022.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

LEAK = 0.01
"""The slope of the leaky ReLU below zero, torch's default."""


@dataclass(frozen=True)
class Transfer:
    """A transfer function f of pre-activations ``a``, shape [..., d]. All its functions are differentiable by autograd.

    f: a -> activations, [..., d].
    derivative: a -> f'(a), elementwise [..., d]; for softmax, whose units are coupled, the Jacobian [..., d, d].
    potential: a -> F(a), summed over the units, [...]; its gradient in a is f(a).
    formula: f in LaTeX. matching: F of one unit in LaTeX.
    sample: (a, generator) -> one draw y [..., d] from the exponential family with natural parameter a whose
        log-partition is F, so that E[y] = f(a) and Cov[y] = f'(a): the model's own targets, where f ends a network
        trained with the family's likelihood. None for a function that ends none.
    """

    label: str
    f: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor], Tensor]
    potential: Callable[[Tensor], Tensor]
    formula: str
    matching: str
    sample: Callable[[Tensor, torch.Generator], Tensor] | None = None

    def divergence(self, to: Tensor, at: Tensor) -> Tensor:
        """The matching loss D(to, at) of two pre-activations [..., d], [...]; never negative, zero where equal."""
        return self.potential(to) - self.potential(at) - (self.f(at) * (to - at)).sum(-1)


def identity(a: Tensor) -> Tensor:
    return a


def identity_potential(a: Tensor) -> Tensor:
    return 0.5 * a.square().sum(-1)


def normal(a: Tensor, generator: torch.Generator) -> Tensor:
    return a + torch.randn(a.shape, generator=generator, dtype=a.dtype, device=a.device)


def tanh_derivative(a: Tensor) -> Tensor:
    return 1 - torch.tanh(a).square()


def tanh_potential(a: Tensor) -> Tensor:
    # log cosh a = |a| + log(1 + exp(-2 |a|)) - log 2, written so that cosh does not overflow.
    return (a.abs() + F.softplus(-2 * a.abs()) - torch.log(torch.tensor(2.0, dtype=a.dtype))).sum(-1)


def sigmoid_derivative(a: Tensor) -> Tensor:
    return torch.sigmoid(a) * torch.sigmoid(-a)


def sigmoid_potential(a: Tensor) -> Tensor:
    # Not softplus: torch's is a itself above 20, and so is off by more than rounding.
    return torch.logaddexp(a, torch.zeros_like(a)).sum(-1)


def bernoulli(a: Tensor, generator: torch.Generator) -> Tensor:
    # Of a NaN too something is drawn: the loss tells of it, and whoever sampled can end in words of its own.
    return torch.bernoulli(torch.sigmoid(a).nan_to_num(0.5), generator=generator)


def relu_derivative(a: Tensor) -> Tensor:
    return (a > 0).to(a.dtype)


def relu_potential(a: Tensor) -> Tensor:
    return 0.5 * torch.relu(a).square().sum(-1)


def leaky_relu(a: Tensor) -> Tensor:
    return F.leaky_relu(a, LEAK)


def leaky_relu_derivative(a: Tensor) -> Tensor:
    return torch.where(a > 0, 1.0, LEAK).to(a.dtype)


def leaky_relu_potential(a: Tensor) -> Tensor:
    return 0.5 * (a * leaky_relu(a)).sum(-1)


def softmax(a: Tensor) -> Tensor:
    return torch.softmax(a, -1)


def softmax_derivative(a: Tensor) -> Tensor:
    p = softmax(a)
    return torch.diag_embed(p) - p.unsqueeze(-1) * p.unsqueeze(-2)


def softmax_potential(a: Tensor) -> Tensor:
    return torch.logsumexp(a, -1)


def categorical(a: Tensor, generator: torch.Generator) -> Tensor:
    classes = a.shape[-1]
    drawn = torch.multinomial(softmax(a).reshape(-1, classes), 1, generator=generator)
    return F.one_hot(drawn.view(a.shape[:-1]), classes).to(a.dtype)


TRANSFERS: Mapping[str, Transfer] = MappingProxyType(
    {
        "identity": Transfer(
            "Identity", identity, torch.ones_like, identity_potential, r"a", r"\tfrac12 a^2", normal
        ),
        "tanh": Transfer("tanh", torch.tanh, tanh_derivative, tanh_potential, r"\tanh a", r"\log\cosh a"),
        "sigmoid": Transfer(
            "Sigmoid", torch.sigmoid, sigmoid_derivative, sigmoid_potential, r"\frac{1}{1+e^{-a}}", r"\log(1+e^a)",
            bernoulli,
        ),
        "relu": Transfer("ReLU", torch.relu, relu_derivative, relu_potential, r"\max(a,0)", r"\tfrac12\max(a,0)^2"),
        "leaky_relu": Transfer(
            "Leaky ReLU",
            leaky_relu,
            leaky_relu_derivative,
            leaky_relu_potential,
            r"\max(a,0)+\beta\min(a,0)",
            r"\tfrac12\max(a,0)^2+\tfrac\beta2\min(a,0)^2",
        ),
        "softmax": Transfer(
            "Softmax", softmax, softmax_derivative, softmax_potential, r"e^{a_i}/\textstyle\sum_j e^{a_j}",
            r"\log\textstyle\sum_j e^{a_j}", categorical,
        ),
    }
)  # fmt: skip
"""All transfer functions by name."""
