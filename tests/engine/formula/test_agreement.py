"""A formula has the same meaning as text, function, source and LaTeX."""

import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.formula import FormulaError, functions, parse_formula
from tests.engine.formula.samples import POINTS, SMOOTH

# Operations that torch has in one form only, so that text, function, source and LaTeX agree in every bit.
SAME = ["sin", "tanh", "exp", "sqrt", "abs", "relu", "log10"]
leaves = st.sampled_from(["x", "y", "pi", "e", "2", "0.5", "3", "7.25"])


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # An operand without parentheses may bind differently in the longer text. The result is a formula all the same.
    operand = inner | inner.map("({})".format)
    return st.one_of(
        st.tuples(operand, st.sampled_from(["+", "-", "*", "/", " - ", " * "]), operand).map("".join),
        st.tuples(st.sampled_from(SAME), inner).map("{0[0]}({0[1]})".format),
        st.tuples(inner, st.sampled_from(["^2", "^3", "**2"])).map("({0[0]}){0[1]}".format),
        operand.map("-{}".format),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map("{0[0]}({0[1]}, x + {0[2]})".format),
    )


texts = st.recursive(leaves, grow, max_leaves=12).map("x*{} + y".format).filter(lambda text: len(text) <= 200)


class Number(Tensor):
    """A constant divides like a plain number: torch computes 3 / x as 3 * (1 / x)."""

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
    # An exponent stays a plain number, because torch computes a power differently if the exponent is a tensor.
    quoted = re.sub(r"\*\*number\('(\d)'\)", r"**\1", quoted)
    in_python = eval(quoted, {**NAMES, "x": x, "y": y})
    in_script = eval(formula.source, {**vars(functions), "x": x, "y": y})
    in_latex = Latex(formula.formula, x, y).read()
    for other in (in_python, in_script, in_latex):
        torch.testing.assert_close(result, other.as_subclass(Tensor), rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("text", [*SMOOTH, "9^9^9^9*x", "-1/0*x", "(1/0 - 1/0)*x", "x*1e-7 + 1e20*y", "(x^2)^0.5"])
def test_the_source_gives_the_same_bits(text: str) -> None:
    formula = parse_formula(text)
    namespace: dict[str, Any] = dict(vars(functions))
    exec(f"def f(x, y): return {formula.source}", namespace)
    x, y = POINTS.unbind(-1)
    torch.testing.assert_close(namespace["f"](x, y), formula.f(x, y), rtol=0, atol=0, equal_nan=True)


class Latex:
    """A reader of the LaTeX of formulas. It follows the rules of a human reader and shares no code with the printer."""

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
        ("max(0,5*x)", r"\max\left(0, 5 x\right)"),
        ("ln(x)*cbrt(y)", r"\ln\left(x\right) \sqrt[3]{y}"),
        ("log2(x)/hypot(x, y)", r"\frac{\log_{2}\left(x\right)}{\operatorname{hypot}\left(x, y\right)}"),
        ("floor(x) + atan2(y, x)", r"\left\lfloor x \right\rfloor + \operatorname{atan2}\left(y, x\right)"),
    ],
)
def test_the_latex_of(text: str, latex: str) -> None:
    assert parse_formula(text).formula == latex
