"""The terms of formulas. Every term has three forms: a function, its source and its LaTeX.

In a batch, each point must get the same bits as it would alone, so that runs in a batch equal single runs. Some of
torch's CPU kernels break this rule: ``pow``, ``sinh``, ``cosh`` and ``sigmoid`` compute whole vectors with one routine
and the rest of a batch with another. Two forms avoid this. ``tanh`` has only one routine, and replaces ``sigmoid``. For
the others, ``(a + 0j).real`` is ``a`` with a stride of two numbers: torch never uses the vector routine for it, nor
for its derivatives.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)
"""How tightly a term's outermost operation binds, loosest first. In LaTeX, a POWER needs brackets only as a base."""


@dataclass(frozen=True)
class Term:
    """A function of the variables, as code, as a torch expression and in LaTeX.

    f: takes one tensor per variable, all of the same shape.
    binds, latex_binds: how tightly the expression and the LaTeX bind.
    value: the term's number if it depends on no variable, else None. In that case f returns the number as a float.
    """

    f: Callable[..., Any]
    source: str
    latex: str
    binds: int = ATOM
    latex_binds: int = ATOM
    value: float | None = None


@dataclass(frozen=True)
class Function:
    """A function that formulas may call.

    operation: takes tensors.
    source: the operation as an expression. Its {} are the arguments, in brackets unless they bind at least as tightly
        as ``inner``. binds: how tightly the expression itself binds.
    latex: the LaTeX, with {} for the arguments. latex_binds: how tightly the LaTeX binds.
    arguments: how many arguments the function takes.
    """

    operation: Callable[..., Tensor]
    source: str
    latex: str
    inner: int = SUM
    binds: int = ATOM
    latex_binds: int = POWER
    arguments: int = 1


def _plain(name: str, latex: str) -> Function:
    return Function(getattr(torch, name), f"torch.{name}({{}})", latex + r"\left({}\right)")


def _softplus(a: Tensor) -> Tensor:
    return torch.logsumexp(torch.nn.functional.pad(a[..., None], (0, 1)), -1)


FUNCTIONS: dict[str, Function] = {
    "sin": _plain("sin", r"\sin"),
    "cos": _plain("cos", r"\cos"),
    "tan": _plain("tan", r"\tan"),
    "asin": _plain("asin", r"\arcsin"),
    "acos": _plain("acos", r"\arccos"),
    "atan": _plain("atan", r"\arctan"),
    "sinh": Function(lambda a: torch.sinh((a + 0j).real), "torch.sinh(({} + 0j).real)", r"\sinh\left({}\right)"),
    "cosh": Function(lambda a: torch.cosh((a + 0j).real), "torch.cosh(({} + 0j).real)", r"\cosh\left({}\right)"),
    "tanh": _plain("tanh", r"\tanh"),
    "exp": _plain("exp", r"\exp"),
    "log": _plain("log", r"\ln"),
    "log10": _plain("log10", r"\log_{{10}}"),
    "sqrt": Function(torch.sqrt, "torch.sqrt({})", r"\sqrt{{{}}}", latex_binds=ATOM),
    "abs": Function(torch.abs, "torch.abs({})", r"\left|{}\right|", latex_binds=ATOM),
    "min": Function(torch.minimum, "torch.minimum({}, {})", r"\min\left({}, {}\right)", arguments=2),
    "max": Function(torch.maximum, "torch.maximum({}, {})", r"\max\left({}, {}\right)", arguments=2),
    "sigmoid": Function(
        lambda a: 0.5 + 0.5 * torch.tanh(0.5 * a), "0.5 + 0.5*torch.tanh(0.5*{})", r"\sigma\left({}\right)", SIGN, SUM
    ),
    "relu": _plain("relu", r"\operatorname{{ReLU}}"),
    # log(e^a + e^0). torch's own softplus is a straight line beyond 20, and a formula with |a| has no Hessian at 0.
    "softplus": Function(
        _softplus,
        "torch.logsumexp(torch.nn.functional.pad({}[..., None], (0, 1)), -1)",
        r"\operatorname{{softplus}}\left({}\right)",
        ATOM,
    ),
    "erf": _plain("erf", r"\operatorname{{erf}}"),
    "sign": _plain("sign", r"\operatorname{{sign}}"),
}


def variable(name: str, index: int) -> Term:
    """The variable ``name``, which is argument ``index`` of f."""
    return Term(lambda *values: values[index], name, name if len(name) == 1 else rf"\mathrm{{{name}}}")


def constant(value: float, latex: str = "", latex_binds: int = ATOM) -> Term:
    """A number. Without ``latex`` it is shown in digits, with a power of ten if Python writes an exponent."""
    whole = value.is_integer() and abs(value) < 1e15
    source = str(int(value)) if whole else repr(value)
    if not math.isfinite(value):
        source = f"{'-' * (value < 0)}torch.{abs(value)}"
    if not latex:
        mantissa, _, exponent = source.partition("e")
        latex = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
        latex_binds = PRODUCT if exponent else ATOM
    binds = SIGN if source.startswith("-") else ATOM
    return Term(lambda *values: value, source, latex, binds, latex_binds, value)


CONSTANTS = {"pi": constant(math.pi, r"\pi"), "e": constant(math.e, "e")}


def negative(a: Term) -> Term:
    latex = "-" + _in_latex(a, PRODUCT, signed=False)
    return _join(operator.neg, (a,), "-" + _in_source(a, SIGN), SIGN, latex, min(SIGN, a.latex_binds))


def add(a: Term, b: Term) -> Term:
    latex = f"{_in_latex(a, SUM)} + {_in_latex(b, PRODUCT, signed=False)}"
    return _join(operator.add, (a, b), f"{_in_source(a, SUM)} + {_in_source(b, PRODUCT)}", SUM, latex, SUM)


def subtract(a: Term, b: Term) -> Term:
    latex = f"{_in_latex(a, SUM)} - {_in_latex(b, PRODUCT, signed=False)}"
    return _join(operator.sub, (a, b), f"{_in_source(a, SUM)} - {_in_source(b, PRODUCT)}", SUM, latex, SUM)


def multiply(a: Term, b: Term) -> Term:
    factors = _in_latex(a, PRODUCT), _in_latex(b, POWER, signed=False)
    dot = r" \cdot " if factors[1][0].isdigit() or factors[1].startswith(r"\frac") else " "
    source = f"{_in_source(a, PRODUCT)}*{_in_source(b, SIGN)}"
    return _join(operator.mul, (a, b), source, PRODUCT, dot.join(factors), PRODUCT)


def divide(a: Term, b: Term) -> Term:
    source = f"{_in_source(a, PRODUCT)}/{_in_source(b, SIGN)}"
    return _join(operator.truediv, (a, b), source, PRODUCT, rf"\frac{{{a.latex}}}{{{b.latex}}}", POWER)


def power(a: Term, b: Term) -> Term:
    """a^b. If the exponent is a suitable number, it is built from squares, cubes, a quotient or a root."""
    latex = f"{_in_latex(a, ATOM, signed=False)}^{{{b.latex}}}"
    if b.value is not None:
        term = _fixed_power(a, b.value)
    elif a.value == math.e:
        term = call("exp", b, like=b)
    else:
        left = a.source if a.value is not None else f"({_in_source(a, SUM)} + 0j).real"
        right = f"({_in_source(b, SUM)} + 0j).real" if a.value is not None else b.source
        term = _join(_general_power, (a, b), f"torch.pow({left}, {right})", ATOM, "")
    return replace(term, latex=latex, latex_binds=POWER)


def _fixed_power(a: Term, exponent: float) -> Term:
    twos_and_threes: list[int] = []
    left = abs(exponent)
    while left > 1 and len(twos_and_threes) < 6 and (factor := next((n for n in (2, 3) if left % n == 0), 0)):
        left /= factor
        twos_and_threes.append(factor)
    if exponent == 0.5:
        return call("sqrt", a, like=a)
    if left == 1 and exponent < 0:
        return divide(constant(1.0), _fixed_power(a, -exponent))
    if left == 1:
        for factor in twos_and_threes:
            a = _join(partial(pow, exp=factor), (a,), f"{_in_source(a, ATOM)}**{factor}", POWER, "")
        return a
    number = constant(exponent)
    return _join(_general_power, (a, number), f"torch.pow(({_in_source(a, SUM)} + 0j).real, {number.source})", ATOM, "")


def _general_power(a: Any, b: Any) -> Tensor:
    return torch.pow((a + 0j).real, b) if isinstance(a, Tensor) else torch.pow(a, (b + 0j).real)


def call(name: str, *arguments: Term, like: Term) -> Term:
    """The function ``name`` of ``FUNCTIONS``, applied to ``arguments``.

    like: a term with the shape of the variables. A constant beside other arguments gets this shape.
    """
    function = FUNCTIONS[name]
    latex = function.latex.format(*(argument.latex for argument in arguments))
    if len(arguments) > 1 and any(argument.value is None for argument in arguments):
        arguments = tuple(_spread(argument, like) for argument in arguments)
    source = function.source.format(*(_in_source(argument, function.inner) for argument in arguments))
    return _join(function.operation, arguments, source, function.binds, latex, function.latex_binds)


def _spread(a: Term, like: Term) -> Term:
    """A constant as a tensor of the shape of ``like``, for operations that take no plain numbers."""
    if (value := a.value) is None:
        return a
    source = f"torch.full_like({like.source}, {a.source})"
    return Term(lambda *values: torch.full_like(like.f(*values), value), source, "")


def _join(
    operation: Callable[..., Any], terms: tuple[Term, ...], source: str, binds: int, latex: str, latex_binds: int = ATOM
) -> Term:
    """``operation`` applied to ``terms``. If all terms are constants, so is the result: a float64, maybe infinite."""
    if all(term.value is not None for term in terms):
        numbers = (torch.tensor(term.value, dtype=torch.float64) for term in terms)
        return constant(float(operation(*numbers)), latex, latex_binds)
    if len(terms) == 1:
        inner = terms[0].f
        return Term(lambda *values: operation(inner(*values)), source, latex, binds, latex_binds)
    left, right = (term.f for term in terms)
    return Term(lambda *values: operation(left(*values), right(*values)), source, latex, binds, latex_binds)


def _in_source(a: Term, at_least: int) -> str:
    return a.source if a.binds >= at_least else f"({a.source})"


def _in_latex(a: Term, at_least: int, *, signed: bool = True) -> str:
    """LaTeX of an operand. It gets brackets if it binds too loosely, or begins with a minus while not ``signed``."""
    bare = a.latex_binds >= at_least and (signed or not a.latex.startswith("-"))
    return a.latex if bare else rf"\left({a.latex}\right)"
