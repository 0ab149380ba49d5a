"""The functions of formulas whose slope torch computes as 0 times infinity at some points.

torch multiplies the slopes along a formula. At x = y = 0, sqrt(x^2 + y^2) has the slope infinity * 0 = NaN. At x = 800,
where exp(x) overflows, min(exp(x), 1) has the slope 0 * infinity = NaN. Here, the slope of each function is 0 at every
point where it is not a finite number. At the tip of a cone this is a subgradient. Where a value overflows and the whole
formula stays finite, the slope of the formula really is 0 to rounding. Where a root makes a slope infinite, as in
sqrt(x) or cbrt(x) at 0, the slope counts as 0 too, even if a later power would make it finite again.

This code needs no other module of the engine, because exported scripts contain its source.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def guarded(f: Callable[..., Tensor], ok: Tensor, *arguments: Tensor, anchor: float = 0.5) -> Tensor:
    """``f`` of ``arguments``, elementwise. Where ``ok`` is false it has the same value, and the slope 0.

    anchor: a number at which f and its slope are finite.
    """
    if bool(ok.all()):
        return f(*arguments)
    inside = [torch.where(ok, argument, anchor) for argument in arguments]
    return torch.where(ok, f(*inside), f(*(argument.detach() for argument in arguments)))


def apart(a: Tensor) -> Tensor:
    """``a`` with a stride of two numbers. torch then computes each number alone, and never several in one register."""
    return (a + 0j).real


def sqrt(a: Tensor) -> Tensor:
    return guarded(torch.sqrt, a > 0, a)


def cbrt(a: Tensor) -> Tensor:
    return guarded(lambda a: a.sign() * torch.pow(apart(a.abs()), 1 / 3), a != 0, a)


def exp(a: Tensor) -> Tensor:
    return guarded(torch.exp, torch.exp(a.detach()).isfinite(), a)


def log(a: Tensor) -> Tensor:
    return guarded(torch.log, a > 0, a)


def log2(a: Tensor) -> Tensor:
    return guarded(torch.log2, a > 0, a)


def log10(a: Tensor) -> Tensor:
    return guarded(torch.log10, a > 0, a)


def sinh(a: Tensor) -> Tensor:
    return guarded(lambda a: torch.sinh(apart(a)), torch.cosh(a.detach()).isfinite(), a)


def cosh(a: Tensor) -> Tensor:
    return guarded(lambda a: torch.cosh(apart(a)), torch.cosh(a.detach()).isfinite(), a)


def asin(a: Tensor) -> Tensor:
    return guarded(torch.asin, a.abs() < 1, a)


def acos(a: Tensor) -> Tensor:
    return guarded(torch.acos, a.abs() < 1, a)


def asinh(a: Tensor) -> Tensor:
    return torch.asinh(apart(a))


def acosh(a: Tensor) -> Tensor:
    return guarded(lambda a: torch.acosh(apart(a)), a > 1, a, anchor=2.0)


def atanh(a: Tensor) -> Tensor:
    return guarded(lambda a: torch.atanh(apart(a)), a.abs() < 1, a)


def cot(a: Tensor) -> Tensor:
    return quotient(torch.cos(a), torch.sin(a))


def sec(a: Tensor) -> Tensor:
    return quotient(1.0, torch.cos(a))


def csc(a: Tensor) -> Tensor:
    return quotient(1.0, torch.sin(a))


def softplus(a: Tensor) -> Tensor:
    """log(e^a + e^0). torch's own softplus is a straight line beyond 20, and a formula with |a| has no Hessian at 0."""
    return guarded(lambda a: torch.logsumexp(torch.nn.functional.pad(a[..., None], (0, 1)), -1), a.isfinite(), a)


def hypot(a: Tensor, b: Tensor) -> Tensor:
    length = torch.hypot(a.detach(), b.detach())
    return guarded(lambda a, b: torch.hypot(apart(a), apart(b)), (length > 0) & length.isfinite(), a, b)


def atan2(a: Tensor, b: Tensor) -> Tensor:
    length = torch.hypot(a.detach(), b.detach())
    return guarded(lambda a, b: torch.atan2(apart(a), apart(b)), (length > 0) & length.isfinite(), a, b)


def mod(a: Tensor, b: Tensor) -> Tensor:
    """a - b floor(a/b), which has the sign of b."""
    return guarded(torch.remainder, b != 0, a, b)


def product(a: Tensor, b: Tensor) -> Tensor:
    return guarded(torch.mul, (a.detach() * b.detach()).isfinite(), a, b)


def quotient(a: Tensor | float, b: Tensor) -> Tensor:
    inverse = 1 / b.detach()
    if not isinstance(a, Tensor):
        return guarded(lambda b: a / b, (inverse * inverse).isfinite(), b)
    return guarded(torch.div, (a.detach() * inverse * inverse).isfinite() & inverse.isfinite(), a, b)


def power(a: Tensor | float, b: Tensor | float) -> Tensor:
    """a^b, where at least one of the two is a tensor."""
    if not isinstance(b, Tensor):
        assert isinstance(a, Tensor)
        smooth = a.isfinite() if float(b).is_integer() else a != 0
        return guarded(lambda a: torch.pow(apart(a), b), _finite_slopes(a, torch.full_like(a, b))[0] & smooth, a)
    if not isinstance(a, Tensor):
        return guarded(lambda b: torch.pow(a, apart(b)), _finite_slopes(torch.full_like(b, a), b)[1], b)
    in_a, in_b = _finite_slopes(a, b)
    both = guarded(lambda a, b: torch.pow(apart(a), b), in_a & in_b & (a > 0), a, b)
    if bool((a > 0).all()):
        return both
    # Below 0 the power is defined at whole exponents only, so it has a slope in a but none in b.
    alone = guarded(lambda a: torch.pow(apart(a), b.detach()), in_a & (a <= 0), a)
    return torch.where(a > 0, both, alone)


def _finite_slopes(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Where the slopes of a^b in a and in b are finite numbers, and a^b too."""
    a, b = a.detach(), b.detach()
    value = torch.pow(a, b)
    in_a, in_b = b * torch.pow(a, b - 1), value * torch.log(a)
    return value.isfinite() & in_a.isfinite(), value.isfinite() & in_b.isfinite()
