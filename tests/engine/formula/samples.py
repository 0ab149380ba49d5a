"""Formulas and points that several tests share."""

from collections.abc import Callable

import torch
from torch import Tensor

from engine.formula import parse_formula

POINTS = torch.rand(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3)) * 0.98 + 0.01
"""Points inside the unit square, where every function is smooth."""


def on_points(text: str) -> Callable[[Tensor], Tensor]:
    """The formula as a function of points [..., 2]."""
    f = parse_formula(text).f
    return lambda point: f(*point.unbind(-1))


SMOOTH = [
    *(
        f"{name}(1.3*x - y/3)"
        for name in ("sin", "cos", "tan", "atan", "sinh", "cosh", "tanh", "exp", "sigmoid", "erf")
    ),
    *(f"{name}((x + y)/3)" for name in ("asin", "acos", "log", "log10", "sqrt", "softplus", "abs", "relu")),
    *(f"(x*y + 1/7)^{n}" for n in ("2", "3", "4", "5", "6", "7", "12", "0.5", "1.7", "(-1)", "(-2)", "(-5)", "y", "0")),
    "1.7^(x - y)",
    "e^(x*y)",
    "x^y",
    *(f"{name}(x/2 + y/3)" for name in ("cot", "sec", "csc", "asinh", "acosh(1) + atanh", "log2", "cbrt", "floor")),
    "hypot(x, y - 2)",
    "atan2(y, x)",
    "mod(3*x, y + 2)",
    "exp(x)*log(y)*x/(1 + exp(y))^2",
    "min(x*x, y) + max(x, 0.5)/y",
    "sign(x - 0.5)*y",
]
"""Formulas that are smooth inside the unit square."""
