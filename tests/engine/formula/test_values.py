"""The values of a formula: those of the math library, in the shape of the formula's variables."""

import math
from collections.abc import Callable

import pytest
import torch

from engine.formula import parse_formula
from engine.formula.terms import ALIASES, FUNCTIONS
from tests.engine.formula.samples import POINTS

UNARY: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "abs": abs,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "relu": lambda a: max(a, 0.0),
    "softplus": lambda a: math.log1p(math.exp(a)),
    "erf": math.erf,
    "sign": lambda a: math.copysign(1.0, a),
    "cot": lambda a: 1 / math.tan(a),
    "sec": lambda a: 1 / math.cos(a),
    "csc": lambda a: 1 / math.sin(a),
    "asinh": math.asinh,
    "atanh": math.atanh,
    "log2": math.log2,
    "cbrt": math.cbrt,
    "floor": math.floor,
    "ceil": math.ceil,
}


def value(text: str, x: float = 0.3, y: float = 0.7) -> float:
    return float(parse_formula(text).f(*torch.tensor([x, y], dtype=torch.float64)))


@pytest.mark.parametrize("name", UNARY)
def test_each_function_is_that_of_the_math_library(name: str) -> None:
    for x, y in POINTS.tolist():
        assert value(f"{name}(x*y)", x, y) == pytest.approx(UNARY[name](x * y), rel=1e-14, abs=1e-15)
        inside = -0.9 * x if name in ("asin", "acos", "atan", "sinh", "cosh", "tanh", "sigmoid", "softplus") else x
        assert value(f"{name}({inside!r}) + 0*x", x, y) == pytest.approx(UNARY[name](inside), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_another_name_of_a_function_has_the_same_meaning(alias: str, name: str) -> None:
    arguments = ", ".join("xy"[: FUNCTIONS[name].arguments])
    inside = arguments.replace("x", "(x + 1)") if name == "acosh" else arguments
    assert value(f"{alias}({inside})") == value(f"{name}({inside})")
    assert parse_formula(f"{alias}({arguments})").formula == parse_formula(f"{name}({arguments})").formula


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x ∗ y ∙ 2 • 3 × 1", 0.3 * 0.7 * 6),
        ("2 ‐ x ‑ y ‒ 1 — 3 – 4 − 5", 2 - 0.3 - 0.7 - 13),
        ("xˆ2 + y⁴", 0.3**2 + 0.7**4),
        ("x\u2062y + sin\u2061(x\u200b) + \ufeff1", 0.3 * 0.7 + math.sin(0.3) + 1),
        ("max（x，y）＋２", 2.7),
        ("f(x, y) = x + 2*y", 1.7),
        ("f(x, y) := x + 2*y", 1.7),
        ("2\u2064x ✕\ufe0f y", 2 + 0.3 * 0.7),
        ("\u202ax^2\u202c + 0*y", 0.09),
        (" loss ( x ,y )=x", 0.3),
        ("acosh(1 + x) + hypot(x, y) + atan2(y, x)", math.acosh(1.3) + math.hypot(0.3, 0.7) + math.atan2(0.7, 0.3)),
        ("mod(x - 1, y) + mod(7, x)", -0.7 % 0.7 + 7 % 0.3),
        ("cbrt(-8 + 0*x)", -2),
        ("log₂(x) + log₁₀(y)", math.log2(0.3) + math.log10(0.7)),
        ("x^2 + y", 0.3**2 + 0.7),
        ("-x^2", -(0.3**2)),
        ("2^x^y", 2 ** (0.3**0.7)),
        ("x^-2", 0.3**-2),
        ("x^4 + x^5 + x^6 + x^0.5", 0.3**4 + 0.3**5 + 0.3**6 + 0.3**0.5),
        ("(x-1)^7", -(0.7**7)),
        ("(x-1)^-3", -(0.7**-3)),
        ("x^y", 0.3**0.7),
        ("e^x", math.exp(0.3)),
        ("2*pi*x", 2 * math.pi * 0.3),
        ("x - y - 1", 0.3 - 0.7 - 1),
        ("x - (y - 1)", 0.3 - (0.7 - 1)),
        ("x/y/2", 0.3 / 0.7 / 2),
        ("x/(y/2)", 0.3 / (0.7 / 2)),
        ("min(x, y) + max(x, 0.5) + 10*max(1, min(y, 2))", 0.3 + 0.5 + 10),
        ("min(3, 2)*x", 0.6),
        ("+x - -y", 1.0),
        ("3×x² − y³÷2·π", 3 * 0.09 - 0.343 / 2 * math.pi),
        (" \tx\n+ 1.5e-1 ", 0.45),
        (".5*x + 2.*y", 1.55),
        ("9^9^9^9^9 * x", math.inf),
        ("-1/0 * x", -math.inf),
        ("softplus(1000*x) + sigmoid(-1000*x)", 300),
    ],
)
def test_what_a_formula_is_worth(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, rel=1e-14)


def test_infinity_over_infinity_is_nan_not_an_error() -> None:
    assert math.isnan(value("1/0 - 1/0 + x"))


def test_the_result_has_the_shape_of_x() -> None:
    x = torch.zeros(3, 4, dtype=torch.float64)
    for text in ("x", "y", "0*x + 3", "x^0", "max(x, 2)", "softplus(y)", "2^x"):
        assert parse_formula(text).f(x, x + 1).shape == (3, 4)
        assert parse_formula(text).f(x[0, 0], x[0, 0]).shape == ()


@pytest.mark.parametrize("text", ["۰٫۵*x^۲+y", "０．５＊x^２＋y", "٠٫٥ * x^٢ + y", "०.५*x^२+y"])
def test_digits_of_every_script_are_digits(text: str) -> None:
    assert parse_formula(text, ("x", "y")).source == "0.5*x**2 + y"
