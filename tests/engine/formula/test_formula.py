"""A visitor's formulas mean the same as text, function, source and LaTeX."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.surfaces.critical import derivatives
from engine.surfaces.formula import FormulaError, formula_surface, parse_formula

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
}

POINTS = torch.rand(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3)) * 0.98 + 0.01
"""Inside the unit square, where every function is smooth."""


def value(text: str, x: float = 0.3, y: float = 0.7) -> float:
    return float(parse_formula(text).f(*torch.tensor([x, y], dtype=torch.float64)))


def on_points(text: str) -> Callable[[Tensor], Tensor]:
    """The formula as a function of points [..., 2]."""
    f = parse_formula(text).f
    return lambda point: f(*point.unbind(-1))


# What a formula means.


@pytest.mark.parametrize("name", UNARY)
def test_each_function_is_that_of_the_math_library(name: str) -> None:
    for x, y in POINTS.tolist():
        assert value(f"{name}(x*y)", x, y) == pytest.approx(UNARY[name](x * y), rel=1e-14, abs=1e-15)
        inside = -0.9 * x if name in ("asin", "acos", "atan", "sinh", "cosh", "tanh", "sigmoid", "softplus") else x
        assert value(f"{name}({inside!r}) + 0*x", x, y) == pytest.approx(UNARY[name](inside), rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
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
    "min(x*x, y) + max(x, 0.5)/y",
    "sign(x - 0.5)*y",
]


@pytest.mark.parametrize("text", SMOOTH)
def test_a_batch_gives_each_point_the_bits_it_has_alone(text: str) -> None:
    surface = on_points(text)
    alone = [torch.stack(rows) for rows in zip(*(derivatives(surface, point) for point in POINTS), strict=True)]
    for count in range(1, 21):
        together = derivatives(surface, POINTS[:count])
        assert all(torch.equal(batch, rows[:count]) for batch, rows in zip(together, alone, strict=True))


@pytest.mark.parametrize("text", SMOOTH)
def test_gradient_and_hessian_agree_with_central_differences(text: str) -> None:
    surface = on_points(text)
    _, gradient, curvature = derivatives(surface, POINTS)
    step = 1e-6
    for axis, shift in enumerate(step * torch.eye(2, dtype=torch.float64)):
        slope = (surface(POINTS + shift) - surface(POINTS - shift)) / (2 * step)
        bend = (derivatives(surface, POINTS + shift)[1] - derivatives(surface, POINTS - shift)[1]) / (2 * step)
        torch.testing.assert_close(gradient[:, axis], slope, rtol=1e-5, atol=1e-7)
        torch.testing.assert_close(curvature[:, axis], bend, rtol=1e-5, atol=1e-7)


def test_softplus_and_sigmoid_are_smooth_at_zero() -> None:
    origin = torch.zeros(2, dtype=torch.float64)
    for text, slope, bend in (("softplus(x)", 0.5, 0.25), ("sigmoid(x)", 0.25, 0.0)):
        _, gradient, curvature = derivatives(on_points(text), origin)
        assert gradient.tolist() == [slope, 0]
        assert curvature.tolist() == [[bend, 0], [0, 0]]


# The same formula as text, function, source and LaTeX. Only operations of which torch has one form, so that all four
# agree in every bit.

SAME = ["sin", "tanh", "exp", "sqrt", "abs", "relu", "log10"]
leaves = st.sampled_from(["x", "y", "pi", "e", "2", "0.5", "3", "7.25"])


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # A bare operand binds as the grammar says, whatever it was when it was made: any text of these is a formula.
    operand = inner | inner.map("({})".format)
    return st.one_of(
        st.tuples(operand, st.sampled_from(["+", "-", "*", "/", " - ", " * "]), operand).map("".join),
        st.tuples(st.sampled_from(["sin", "tanh", "exp", "sqrt", "abs", "relu", "log10"]), inner).map(
            "{0[0]}({0[1]})".format
        ),
        st.tuples(inner, st.sampled_from(["^2", "^3", "**2"])).map("({0[0]}){0[1]}".format),
        operand.map("-{}".format),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map("{0[0]}({0[1]}, x + {0[2]})".format),
    )


texts = st.recursive(leaves, grow, max_leaves=12).map("x*{} + y".format).filter(lambda text: len(text) <= 200)


class Number(Tensor):
    """A constant that divides as a plain number does: torch takes 3 / x as 3 * (1 / x)."""

    def __truediv__(self, other: Any) -> Tensor:
        return super().__truediv__(other) if self.ndim or not other.ndim else other.reciprocal() * float(self)


def number(literal: str) -> Tensor:
    return torch.tensor(float(literal), dtype=torch.float64).as_subclass(Number)


NAMES: dict[str, Any] = {
    **{name: getattr(torch, name) for name in SAME},
    "min": torch.minimum,
    "max": torch.maximum,
    "pi": number("3.141592653589793"),
    "e": number("2.718281828459045"),
    "number": number,
}


@settings(deadline=None, max_examples=300)
@given(texts)
@example("x*-(x - y)^2 + y")
@example("x*(log10(pi))^3 + y")
@example("x*-2^2/-(3 - x)*y + y")
@example("x*(1/(2/x)/3)^2 - (-y) + y")
@example("x*(-2)^3*(x*(y*2))*(2*(3/x)) + y")
def test_python_the_source_and_the_latex_agree_with_f(text: str) -> None:
    try:
        formula = parse_formula(text)
    except FormulaError as error:
        assert "deep" in error.message or "parts" in error.message  # noqa: PT017
        return
    x, y = POINTS.unbind(-1)
    result = formula.f(x, y)
    quoted = re.sub(r"(?<![\w.])[0-9][0-9.]*(?!\w)", r"number('\g<0>')", text.replace("^", "**"))
    # An exponent stays a plain number: torch's power has a form of its own for tensors.
    quoted = re.sub(r"\*\*number\('(\d)'\)", r"**\1", quoted)
    in_python = eval(quoted, {**NAMES, "x": x, "y": y})
    in_script = eval(formula.source, {"torch": torch, "x": x, "y": y})
    in_latex = Latex(formula.formula, x, y).read()
    for other in (in_python, in_script, in_latex):
        torch.testing.assert_close(result, other.as_subclass(Tensor), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("text", [*SMOOTH, "9^9^9^9*x", "-1/0*x", "(1/0 - 1/0)*x", "x*1e-7 + 1e20*y", "(x^2)^0.5"])
def test_the_source_gives_the_same_bits(text: str) -> None:
    formula = parse_formula(text)
    namespace: dict[str, Any] = {"torch": torch}
    exec(f"def f(x, y): return {formula.source}", namespace)
    x, y = POINTS.unbind(-1)
    torch.testing.assert_close(namespace["f"](x, y), formula.f(x, y), rtol=0, atol=0, equal_nan=True)


class Latex:
    """A reader of the LaTeX that formulas are shown in, apart from the printer, by the rules a person reads with."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., Tensor]]] = {
        r"\sin": torch.sin,
        r"\tanh": torch.tanh,
        r"\exp": torch.exp,
        r"\operatorname{ReLU}": torch.relu,
        r"\log_{10}": torch.log10,
        r"\min": torch.minimum,
        r"\max": torch.maximum,
    }
    TOKEN = re.compile(r"\\operatorname\{\w+\}|\\log_\{10\}|\\left.|\\right.|\\[a-z]+|[0-9.]+|[xye^{}+,-]")

    def __init__(self, text: str, x: Tensor, y: Tensor) -> None:
        assert not self.TOKEN.sub("", text).strip()
        self.tokens: Iterator[str] = iter([*self.TOKEN.findall(text), ""])
        self.next = next(self.tokens)
        self.names: dict[str, Tensor] = {"x": x, "y": y, "e": NAMES["e"], r"\pi": NAMES["pi"]}

    def take(self, expected: str = "") -> str:
        token = self.next
        assert not expected or token == expected
        self.next = next(self.tokens, "")
        return token

    def read(self) -> Tensor:
        result = self.sum()
        assert not self.next
        return result

    def sum(self) -> Tensor:
        sign = self.next == "-" and self.take()
        result = -self.product() if sign else self.product()
        while self.next in ("+", "-"):
            result = result + self.product() if self.take() == "+" else result - self.product()
        return result

    def product(self) -> Tensor:
        result = self.power()
        while self.next not in ("", "+", "-", "}", ",") and not self.next.startswith(r"\right"):
            if self.next == r"\cdot":
                self.take()
            result = result * self.power()
        return result

    def power(self) -> Tensor:
        base = self.atom()
        if self.next != "^":
            return base
        self.take()
        result: Tensor = base ** int(self.group(lambda: self.take()))
        return result

    def group(self, inner: Callable[[], Any]) -> Any:
        self.take("{")
        result = inner()
        self.take("}")
        return result

    def atom(self) -> Tensor:
        token = self.take()
        if token in self.FUNCTIONS:
            self.take(r"\left(")
            arguments = [self.sum()]
            while self.next == ",":
                self.take()
                arguments.append(self.sum())
            self.take(r"\right)")
            return self.FUNCTIONS[token](*arguments)
        if token == r"\frac":
            above: Tensor = self.group(self.sum)
            below: Tensor = self.group(self.sum)
            return above / below
        if token == r"\sqrt":
            return torch.sqrt(self.group(self.sum))
        if token in (r"\left(", r"\left|"):
            inside = self.sum()
            self.take(r"\right" + (")" if token[-1] == "(" else "|"))
            return inside if token[-1] == "(" else inside.abs()
        named = self.names.get(token)
        return number(token) if named is None else named


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("(1 - x)^2 + 100*(y - x^2)^2", r"\left(1 - x\right)^{2} + 100 \left(y - x^{2}\right)^{2}"),
        ("sigmoid(2*x)*softplus(y)", r"\sigma\left(2 x\right) \operatorname{softplus}\left(y\right)"),
        ("x^(1/2)", r"x^{\frac{1}{2}}"),
        ("2^-x", r"2^{-x}"),
        ("sin(x)^2", r"\left(\sin\left(x\right)\right)^{2}"),
        ("2*3*x*4", r"2 \cdot 3 x \cdot 4"),
        ("1e-7*x", r"1 \cdot 10^{-7} x"),
    ],
)
def test_the_latex_of(text: str, latex: str) -> None:
    assert parse_formula(text).formula == latex


# The surface of a formula.


def test_a_formula_s_surface_knows_its_minima() -> None:
    surface = formula_surface("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", 5)
    assert surface.domain == ((-5, 5), (-5, 5))
    assert len(surface.minima) == 4
    assert (
        sum(min(math.dist(point, found) for found in surface.minima) for point in ((3, 2), (3.584428, -1.848127)))
        < 1e-5
    )
    assert not surface.complete
    assert surface.source_text == "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
    assert float(surface(torch.tensor([3.0, 2.0]))) == 0


@pytest.mark.parametrize("text", ["log(x)", "relu(x)*y", "sqrt(x - 1) + y^2", "x^2 + y^2", "1/relu(y - 1)"])
def test_descent_starts_where_there_is_a_slope(text: str) -> None:
    surface = formula_surface(text, 2)
    value, gradient, _ = derivatives(surface, torch.tensor(surface.start, dtype=torch.float64))
    assert torch.isfinite(value) and torch.isfinite(gradient).all()
    assert float(gradient.norm()) > 0
    assert all(abs(part) < 2 for part in surface.start)


def test_a_formula_that_is_nowhere_defined_still_has_a_surface() -> None:
    surface = formula_surface("log(-1 - x^2)", 2)
    assert surface.minima == ()
    assert surface.start == (-1.4, 1.2)


@pytest.mark.parametrize("span", [0, -1, math.inf, math.nan])
def test_a_span_must_be_a_positive_number(span: float) -> None:
    with pytest.raises(ValueError, match="positive and finite"):
        formula_surface("x", span)
