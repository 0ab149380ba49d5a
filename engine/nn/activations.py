"""What an activation function is: its formula and source, its moments, and its potential where it has one.

Where f is the gradient of a convex potential F, F makes a loss to measure pre-activations with, the *matching loss*.
It is the Bregman divergence of F:

    D(z', z) = F(z') - F(z) - f(z) (z' - z),    with gradient f(z') - f(z) in z'.

It is flat where f does not react to z. LocoProp-M minimizes it in each layer and calls f a transfer function: Amid,
Anil and Warmuth, "LocoProp: Enhancing BackProp via Local Loss Optimization", AISTATS 2022.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

SPAN, NODES = 12.0, 8_000
"""The integral over a standard normal input: half its width, and its nodes. Outside lies 1e-32 of the mass."""


@dataclass(frozen=True)
class Activation:
    """A function of pre-activations z, [..., d] -> [..., d], differentiable by autograd.

    What can be computed from f is computed: its slope by autograd, the moments of its output by quadrature. Both are
    for elementwise functions.

    label: the name shown. f: the function. formula: in LaTeX, of z. code: the expression that makes its torch module.
    about: what it is known for, a sentence. source: (title, address) of the publication.
    coupled: f is not elementwise: each unit's output depends on all units.
    """

    label: str
    f: Callable[[Tensor], Tensor]
    formula: str
    code: str
    about: str
    source: tuple[str, str]
    coupled: bool = False

    def slope(self, z: Tensor) -> Tensor:
        """f'(z), [...], by autograd. At a kink it is the side that torch chooses."""
        point = z.detach().requires_grad_()
        (slope,) = torch.autograd.grad(self.f(point).sum(), point)
        return slope

    def moment(self, variance: float = 1.0) -> float:
        """E f(z)^2 for normal z with mean zero and this variance."""
        return _mean(lambda z: self.f(z).square(), variance)

    def mean(self, variance: float = 1.0) -> float:
        """E f(z) for normal z with mean zero and this variance."""
        return _mean(self.f, variance)

    def slope_moment(self, variance: float = 1.0) -> float:
        """E f'(z)^2 for normal z with mean zero and this variance: chi of mean-field theory is sigma_w^2 times it."""
        return _mean(lambda z: self.slope(z).square(), variance)

    @property
    def gain(self) -> float:
        """1 / sqrt(E f(z)^2) of a standard normal z: the gain that keeps a signal's second moment over a layer."""
        return 1 / math.sqrt(self.moment())


@dataclass(frozen=True, kw_only=True)
class Transfer(Activation):
    """An activation that is the gradient of a convex potential F.

    derivative: z -> f'(z) written out, elementwise [..., d]. Of a coupled f it is the Jacobian [..., d, d].
    potential: z -> F(z), summed over the units, [...]. potential_formula: F of one unit in LaTeX, of z.
    sample: (z, generator) -> one draw y [..., d] from the exponential family with natural parameter z and
        log-partition F, so that E[y] = f(z) and Cov[y] = f'(z). If f ends a network that is trained with this family's
        likelihood, y is a target drawn from the model. None for a function that ends no network.
    """

    derivative: Callable[[Tensor], Tensor]
    potential: Callable[[Tensor], Tensor]
    potential_formula: str
    sample: Callable[[Tensor, torch.Generator], Tensor] | None = None

    def divergence(self, to: Tensor, at: Tensor) -> Tensor:
        """The matching loss D(to, at) of two pre-activations [..., d], [...]; never negative, zero where equal."""
        return self.potential(to) - self.potential(at) - (self.f(at) * (to - at)).sum(-1)


@cache
def _nodes() -> tuple[Tensor, Tensor]:
    """Midpoints of equal pieces of [-SPAN, SPAN] and the normal mass of each. No kink at zero falls on a node."""
    edges = torch.linspace(-SPAN, SPAN, NODES + 1, dtype=torch.float64)
    middles = (edges[1:] + edges[:-1]) / 2
    density = torch.exp(-middles.square() / 2) / math.sqrt(2 * math.pi)
    return middles, density * (2 * SPAN / NODES)


def _mean(f: Callable[[Tensor], Tensor], variance: float) -> float:
    z, mass = _nodes()
    return float((f(z * math.sqrt(variance)) * mass).sum())
