"""The records of activation functions: formula, source, moments, and the potential if the function has one.

If f is the gradient of a convex potential F, then F defines a loss between two pre-activations, the *matching loss*.
It is the Bregman divergence of F:

    D(z', z) = F(z') - F(z) - f(z) (z' - z),    with gradient f(z') - f(z) in z'.

The matching loss is flat where f does not change with z. LocoProp-M minimizes the matching loss in each layer; its
authors call f a transfer function. Source: Amid, Anil and Warmuth, "LocoProp: Enhancing BackProp via Local Loss
Optimization", AISTATS 2022.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

SPAN, NODES = 12.0, 8_000
"""Half the width of the integral over a standard normal input, and the number of its nodes.

The mass outside of this width is 1e-32.
"""


@dataclass(frozen=True)
class Shape:
    """The parameter a of a function that has one.

    f: (z, a) -> the function's value. a: its value unless another is chosen. formula: f(z) in LaTeX, with ``{a}`` for
        the number. code: the expression that makes its torch module, with ``{a}`` too.
    linear: the value of a at which the function is linear, if there is one. positive: whether a must be above 0.
    """

    f: Callable[[Tensor, float], Tensor]
    a: float
    formula: str
    code: str
    linear: float | None = None
    positive: bool = False


@dataclass(frozen=True)
class Activation:
    """A function of pre-activations z, [..., d] -> [..., d], differentiable by autograd.

    Autograd computes the slope of f. Quadrature computes the moments of its output. Both are for elementwise functions.

    label: the name shown. f: the function. formula: f(z) in LaTeX. code: the expression that makes its torch module.
    about: a sentence on what f is known for. source: (title, address) of the publication.
    coupled: f is not elementwise, because each unit's output depends on all units.
    colour: the colour of its curves on every page, "#rrggbb".
    shape: its parameter, if it has one. ``at`` gives the function for another value.
    """

    label: str
    f: Callable[[Tensor], Tensor]
    formula: str
    code: str
    about: str
    source: tuple[str, str]
    coupled: bool = False
    colour: str = ""
    shape: Shape | None = None

    def at(self, a: float) -> "Activation":
        """This function with the value ``a`` of its parameter. It is no ``Transfer``: its potential is another.

        Raises ValueError if the function has no parameter, or if it is linear at ``a``.
        """
        if self.shape is None:
            raise ValueError(f"{self.label} has no parameter")
        if a == self.shape.linear:
            raise ValueError(
                f"with a = {a:g}, {self.label} is the identity, and a network of such layers is linear; choose "
                "another a"
            )
        if self.shape.positive and a <= 0:
            raise ValueError(f"the parameter a of {self.label} must be above 0")
        shape, number = replace(self.shape, a=a), f"{a:g}"
        written = shape.formula.replace("{a}", number), shape.code.replace("{a}", number)
        return Activation(
            self.label, lambda z: shape.f(z, a), *written, self.about, self.source, colour=self.colour, shape=shape
        )

    def slope(self, z: Tensor) -> Tensor:
        """f'(z), [...], by autograd. At a kink it is the slope on the side that torch chooses. NaN where f is NaN."""
        point = z.detach().requires_grad_()
        value = self.f(point)
        (slope,) = torch.autograd.grad(value.sum(), point)
        return slope.masked_fill(value.isnan(), math.nan)

    def moment(self, variance: float = 1.0, mean: float = 0.0) -> float:
        """E f(z)^2 for normal z with this variance and mean."""
        return expectation(lambda z: self.f(z).square(), variance, mean)

    def mean(self, variance: float = 1.0, mean: float = 0.0) -> float:
        """E f(z) for normal z with this variance and mean."""
        return expectation(self.f, variance, mean)

    def slope_moment(self, variance: float = 1.0, mean: float = 0.0) -> float:
        """E f'(z)^2 for normal z with this variance and mean. Mean-field theory's chi is sigma_w^2 times this."""
        return expectation(lambda z: self.slope(z).square(), variance, mean)

    @property
    def gain(self) -> float:
        """1 / sqrt(E f(z)^2) of a standard normal z: the gain that keeps a signal's second moment over a layer.

        It is infinite if f is 0.
        """
        moment = self.moment()
        return 1 / math.sqrt(moment) if moment else math.inf


@dataclass(frozen=True, kw_only=True)
class Transfer(Activation):
    """An activation that is the gradient of a convex potential F.

    derivative: z -> f'(z) as an explicit formula, elementwise [..., d]. If f is coupled, it is the Jacobian
        [..., d, d].
    potential: z -> F(z), summed over the units, [...]. potential_formula: F(z) of one unit in LaTeX.
    sample: (z, generator) -> one draw y [..., d] from the exponential family with natural parameter z and
        log-partition F, so that E[y] = f(z) and Cov[y] = f'(z). If f is the last function of a network that is trained
        with this family's likelihood, y is a target drawn from the model. None if f is never the last function of a
        network.
    """

    derivative: Callable[[Tensor], Tensor]
    potential: Callable[[Tensor], Tensor]
    potential_formula: str
    sample: Callable[[Tensor, torch.Generator], Tensor] | None = None

    def divergence(self, to: Tensor, at: Tensor) -> Tensor:
        """The matching loss D(to, at) of two pre-activations [..., d], [...]. It is at least 0, and 0 if to = at."""
        return self.potential(to) - self.potential(at) - (self.f(at) * (to - at)).sum(-1)


@cache
def _nodes(count: int) -> tuple[Tensor, Tensor]:
    """The midpoints of ``count`` equal pieces of [-SPAN, SPAN], and the normal mass of each piece.

    Zero is no midpoint. So a kink at zero falls on no node.
    """
    middles = (torch.arange(count, dtype=torch.float64) - (count - 1) / 2) * (2 * SPAN / count)
    density = torch.exp(-middles.square() / 2) / math.sqrt(2 * math.pi)
    return middles, density * (2 * SPAN / count)


def expectation(f: Callable[[Tensor], Tensor], variance: float = 1.0, mean: float = 0.0, nodes: int = NODES) -> float:
    """E f(z) for normal z with this variance and mean, by the midpoint rule. nodes: an even number.

    f: elementwise. If f is smooth, the rule is exact to float64. A jump of height d adds an error of at most
        0.5 d SPAN / nodes, unless it is at zero and the mean is 0.
    """
    z, mass = _nodes(nodes)
    left, right = (f(z * math.sqrt(variance) + mean) * mass).chunk(2)
    return float((left + right.flip(0)).sum())  # in pairs, so that the mean of an odd function is exactly 0
