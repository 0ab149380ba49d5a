"""The terms of formulas. Every term has three forms: a function, its source and its LaTeX.

In a batch, each point must get the same bits as it would alone, so that runs in a batch equal single runs. Some of
torch's CPU kernels break this rule: ``pow``, ``sinh``, ``cosh`` and ``sigmoid`` compute whole vectors with one routine
and the rest of a batch with another. Two forms avoid this. ``tanh`` has only one routine, and replaces ``sigmoid``. The
others get their argument through ``engine.formula.functions.apart``: torch never uses the vector routine for it, nor
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

from engine.formula import functions

SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)
"""How tightly a term's outermost operation binds, loosest first. In LaTeX, a POWER needs brackets only as a base."""


@dataclass(frozen=True)
class Term:
    """A function of the variables, as code, as a torch expression and in LaTeX.

    f: takes one tensor per variable, all of the same shape.
    binds, latex_binds: how tightly the expression and the LaTeX bind.
    value: the term's number if it depends on no variable, else None. In that case f returns the number as a float.
    unbounded: whether f may be infinite where the variables are not large.
    """

    f: Callable[..., Any]
    source: str
    latex: str
    binds: int = ATOM
    latex_binds: int = ATOM
    value: float | None = None
    unbounded: bool = False


@dataclass(frozen=True)
class Function:
    """A function that formulas may call.

    operation: takes tensors.
    source: the operation as an expression. Its {} are the arguments, in brackets unless they bind at least as tightly
        as ``inner``. binds: how tightly the expression itself binds.
    latex: the LaTeX, with {} for the arguments. latex_binds: how tightly the LaTeX binds.
    arguments: how many arguments the function takes. unbounded: whether it may be infinite for moderate arguments.
    """

    operation: Callable[..., Tensor]
    source: str
    latex: str
    inner: int = SUM
    binds: int = ATOM
    latex_binds: int = POWER
    arguments: int = 1
    unbounded: bool = False


def _plain(name: str, latex: str) -> Function:
    return Function(getattr(torch, name), f"torch.{name}({{}})", latex + r"\left({}\right)")


def _own(name: str, latex: str, arguments: int = 1, unbounded: bool = False) -> Function:
    places = ", ".join(["{}"] * arguments)
    latex += rf"\left({places}\right)"
    return Function(getattr(functions, name), f"{name}({places})", latex, arguments=arguments, unbounded=unbounded)


FUNCTIONS: dict[str, Function] = {
    "sin": _plain("sin", r"\sin"),
    "cos": _plain("cos", r"\cos"),
    "tan": _plain("tan", r"\tan"),
    "cot": _own("cot", r"\cot", unbounded=True),
    "sec": _own("sec", r"\sec", unbounded=True),
    "csc": _own("csc", r"\csc", unbounded=True),
    "asin": _own("asin", r"\arcsin"),
    "acos": _own("acos", r"\arccos"),
    "atan": _plain("atan", r"\arctan"),
    "atan2": _own("atan2", r"\operatorname{{atan2}}", 2),
    "sinh": _own("sinh", r"\sinh", unbounded=True),
    "cosh": _own("cosh", r"\cosh", unbounded=True),
    "tanh": _plain("tanh", r"\tanh"),
    "asinh": _own("asinh", r"\operatorname{{arsinh}}"),
    "acosh": _own("acosh", r"\operatorname{{arcosh}}"),
    "atanh": _own("atanh", r"\operatorname{{artanh}}", unbounded=True),
    "exp": _own("exp", r"\exp", unbounded=True),
    "log": _own("log", r"\ln", unbounded=True),
    "log2": _own("log2", r"\log_{{2}}", unbounded=True),
    "log10": _own("log10", r"\log_{{10}}", unbounded=True),
    "sqrt": Function(functions.sqrt, "sqrt({})", r"\sqrt{{{}}}", latex_binds=ATOM),
    "cbrt": Function(functions.cbrt, "cbrt({})", r"\sqrt[3]{{{}}}", latex_binds=ATOM),
    "hypot": _own("hypot", r"\operatorname{{hypot}}", 2),
    "abs": Function(torch.abs, "torch.abs({})", r"\left|{}\right|", latex_binds=ATOM),
    "sign": _plain("sign", r"\operatorname{{sign}}"),
    "floor": Function(torch.floor, "torch.floor({})", r"\left\lfloor {} \right\rfloor", latex_binds=ATOM),
    "ceil": Function(torch.ceil, "torch.ceil({})", r"\left\lceil {} \right\rceil", latex_binds=ATOM),
    "mod": _own("mod", r"\operatorname{{mod}}", 2),
    "min": Function(torch.minimum, "torch.minimum({}, {})", r"\min\left({}, {}\right)", arguments=2),
    "max": Function(torch.maximum, "torch.maximum({}, {})", r"\max\left({}, {}\right)", arguments=2),
    "sigmoid": Function(
        lambda a: 0.5 + 0.5 * torch.tanh(0.5 * a), "0.5 + 0.5*torch.tanh(0.5*{})", r"\sigma\left({}\right)", SIGN, SUM
    ),
    "relu": _plain("relu", r"\operatorname{{ReLU}}"),
    "softplus": _own("softplus", r"\operatorname{{softplus}}"),
    "erf": _plain("erf", r"\operatorname{{erf}}"),
}

ALIASES = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arsinh": "asinh",
    "arcsinh": "asinh",
    "arcosh": "acosh",
    "arccosh": "acosh",
    "artanh": "atanh",
    "arctanh": "atanh",
    "tg": "tan",
    "ctg": "cot",
    "arctg": "atan",
    "cosec": "csc",
    "sgn": "sign",
    "signum": "sign",
    "logistic": "sigmoid",
    "expit": "sigmoid",
}
"""Other name of a function -> its name in ``FUNCTIONS``. Only names that mean the same in every textbook."""


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
    latex = dot.join(factors)
    if a.value is None and b.value is None and (a.unbounded or b.unbounded):
        return _join(functions.product, (a, b), f"product({a.source}, {b.source})", ATOM, latex, PRODUCT)
    return _join(operator.mul, (a, b), f"{_in_source(a, PRODUCT)}*{_in_source(b, SIGN)}", PRODUCT, latex, PRODUCT)


def divide(a: Term, b: Term) -> Term:
    latex = rf"\frac{{{a.latex}}}{{{b.latex}}}"
    if b.value is None:
        return _join(functions.quotient, (a, b), f"quotient({a.source}, {b.source})", ATOM, latex, POWER, True)
    return _join(operator.truediv, (a, b), f"{_in_source(a, PRODUCT)}/{_in_source(b, SIGN)}", PRODUCT, latex, POWER)


def power(a: Term, b: Term) -> Term:
    """a^b. If the exponent is a suitable number, it is built from squares, cubes, a quotient or a root."""
    latex = f"{_in_latex(a, ATOM, signed=False)}^{{{b.latex}}}"
    if b.value is not None:
        term = _fixed_power(a, b.value)
    elif a.value == math.e:
        term = call("exp", b, like=b)
    else:
        term = _general_power(a, b)
    return replace(term, latex=latex, latex_binds=POWER)


def _fixed_power(a: Term, exponent: float) -> Term:
    twos_and_threes: list[int] = []
    left = abs(exponent)
    while left > 1 and len(twos_and_threes) < 6 and (factor := next((n for n in (2, 3) if left % n == 0), 0)):
        left /= factor
        twos_and_threes.append(factor)
    large = len(twos_and_threes) > 3  # a power that may overflow at moderate points
    if exponent == 0.5:
        return call("sqrt", a, like=a)
    if left == 1 and exponent < 0:
        return divide(constant(1.0), _fixed_power(a, -exponent))
    if left == 1:
        for factor in twos_and_threes:
            plain = partial(pow, exp=factor), (a,), f"{_in_source(a, ATOM)}**{factor}", POWER, ""
            a = _general_power(a, constant(float(factor))) if large or a.unbounded else _join(*plain)
        return a
    return _general_power(a, constant(exponent))


def _general_power(a: Term, b: Term) -> Term:
    return _join(functions.power, (a, b), f"power({a.source}, {b.source})", ATOM, "", unbounded=True)


def call(name: str, *arguments: Term, like: Term) -> Term:
    """The function ``name`` of ``FUNCTIONS``, applied to ``arguments``.

    like: a term with the shape of the variables. A constant beside other arguments gets this shape.
    """
    function = FUNCTIONS[name]
    latex = function.latex.format(*(argument.latex for argument in arguments))
    if len(arguments) > 1 and any(argument.value is None for argument in arguments):
        arguments = tuple(_spread(argument, like) for argument in arguments)
    source = function.source.format(*(_in_source(argument, function.inner) for argument in arguments))
    return _join(function.operation, arguments, source, function.binds, latex, function.latex_binds, function.unbounded)


def _spread(a: Term, like: Term) -> Term:
    """A constant as a tensor of the shape of ``like``, for operations that take no plain numbers."""
    if (value := a.value) is None:
        return a
    source = f"torch.full_like({like.source}, {a.source})"
    return Term(lambda *values: torch.full_like(like.f(*values), value), source, "")


def _join(
    operation: Callable[..., Any],
    terms: tuple[Term, ...],
    source: str,
    binds: int,
    latex: str,
    latex_binds: int = ATOM,
    unbounded: bool = False,
) -> Term:
    """``operation`` applied to ``terms``. If all terms are constants, so is the result: a float64, maybe infinite.

    unbounded: whether ``operation`` may make an infinite number. The result is unbounded then, or if a term is.
    """
    if all(term.value is not None for term in terms):
        numbers = (torch.tensor(term.value, dtype=torch.float64) for term in terms)
        return constant(float(operation(*numbers)), latex, latex_binds)
    unbounded |= any(term.unbounded for term in terms)
    parts = [term.f for term in terms]
    return Term(
        lambda *values: operation(*(part(*values) for part in parts)),
        source,
        latex,
        binds,
        latex_binds,
        unbounded=unbounded,
    )


def _in_source(a: Term, at_least: int) -> str:
    return a.source if a.binds >= at_least else f"({a.source})"


def _in_latex(a: Term, at_least: int, *, signed: bool = True) -> str:
    """LaTeX of an operand. It gets brackets if it binds too loosely, or begins with a minus while not ``signed``."""
    bare = a.latex_binds >= at_least and (signed or not a.latex.startswith("-"))
    return a.latex if bare else rf"\left({a.latex}\right)"
