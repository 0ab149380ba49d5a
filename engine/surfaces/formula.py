"""A visitor's own f(x, y): text in, torch function, source and LaTeX out. Nothing of the text is ever executed.

The grammar, ``^`` and ``**`` alike being the power (right-associative, binding tighter than a sign on its left)::

    formula:   x  y  pi  e  numbers  + - * / ^  ( )  and the functions of ``engine.surfaces.terms``
"""

import ast
import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.surfaces import terms
from engine.surfaces.critical import critical_points, derivatives
from engine.surfaces.surface import Surface
from engine.surfaces.terms import CONSTANTS, FUNCTIONS, VARIABLES, Term

LONGEST = 300
"""Characters of a formula."""

MOST_NODES = 120
"""Numbers, names, operators and calls of a formula."""

DEEPEST = 40
"""Levels of brackets, signs, calls and chained operators."""

SPELLINGS = {"^": "**", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "²": "**2", "³": "**3", "π": "pi"}

TOKEN = re.compile(r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|\*\*|[-+*/(),]", re.ASCII)

HINTS = {
    "=": "write only the right-hand side, without =",
    "|": "write |x| as abs(x)",
    "!": "factorials are not known here",
    "%": "write a percentage as a fraction, such as 0.05",
    "√": "write the root as sqrt(x)",
    ".": "a point is understood only inside a number, such as 0.5",
    ";": "write a single expression",
} | dict.fromkeys("[]{}", "use round brackets ( )")

OPERATORS: dict[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.Add: terms.add,
    ast.Sub: terms.subtract,
    ast.Mult: terms.multiply,
    ast.Div: terms.divide,
    ast.Pow: terms.power,
}


class FormulaError(ValueError):
    """A formula that cannot be read. message: what is wrong and what to do. column: where in the text, from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message, self.column = message, column

    def __str__(self) -> str:
        return f"{self.message} (character {self.column})"


@dataclass(frozen=True)
class Formula:
    """A formula that was understood.

    text: as the visitor wrote it.     nodes: its numbers, names, operators and calls, counted.
    f: of two tensors of one shape; differentiable; a batch gives each point the same bits as that point alone.
    source: f as a Python expression in x, y and ``torch``, equal to f in every bit.
    formula: in LaTeX.
    """

    text: str
    nodes: int
    f: Callable[[Tensor, Tensor], Tensor] = field(compare=False, repr=False)
    source: str
    formula: str


def parse_formula(text: str) -> Formula:
    """``text`` as a function of x and y. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"the formula has {len(text):,} characters; at most {LONGEST} are read", LONGEST + 1)
    spelled, columns = _spell(text)
    _check(spelled, columns)
    try:
        tree = ast.parse(spelled, mode="eval").body
    except SyntaxError as error:  # The one thing that _check lets through and Python does not take.
        column = columns[min(max((error.offset or 1) - 1, 0), len(spelled))]
        raise FormulaError("write whole numbers without leading zeros", column) from None
    reader = _Reader(columns)
    term = reader.read(tree, 1)
    if term.value is not None:
        raise FormulaError("the formula uses neither x nor y, so there is nothing to descend", 1)
    return Formula(text, reader.nodes, term.f, term.source, term.latex)


def formula_surface(text: str, span: float) -> Surface:
    """The surface of the formula ``text`` over (-span, span)^2, its minima those that ``critical_points`` finds.

    Descent starts at the upper left, or at the nearest place where f and its slope are finite and not flat.
    Raises FormulaError; ValueError where ``span`` is not positive and finite.
    """
    if not 0 < span < math.inf:
        raise ValueError(f"the span must be positive and finite; got {span}")
    formula = parse_formula(text)
    surface = Surface(
        label="Your formula",
        formula=formula.formula,
        about="Your own function: the slopes are exact, the minima those that a search finds.",
        f=formula.f,
        domain=((-span, span), (-span, span)),
        start=(-0.7 * span, 0.6 * span),
        minima=(),
        source=("Your own formula", ""),
        complete=False,
        searched=True,
        source_text=formula.source,
    )
    found = critical_points(surface, surface.domain)
    lowest = found.points[[kind == "minimum" for kind in found.kind]]
    return replace(surface, start=_start(surface, span), minima=tuple((float(x), float(y)) for x, y in lowest))


def _start(surface: Surface, span: float) -> tuple[float, float]:
    ticks = torch.linspace(-0.9, 0.9, 19, dtype=torch.float64) * span
    places = torch.cat((torch.tensor([surface.start], dtype=torch.float64), torch.cartesian_prod(ticks, ticks)))
    value, gradient, _ = derivatives(surface, places)
    steep = gradient.abs().amax(-1)
    usable = places[torch.isfinite(value) & torch.isfinite(steep) & (steep > 0)]
    if not len(usable):
        return surface.start
    x, y = usable[(usable - places[0]).norm(dim=-1).argmin()].tolist()
    return x, y


def _spell(text: str) -> tuple[str, list[int]]:
    """``text`` in Python's own characters, and the column in ``text`` of each of them and of its end."""
    spelled, columns = "", []
    for column, character in enumerate(text, 1):
        part = " " if character.isspace() else SPELLINGS.get(character, character)
        if part == " " and not spelled:
            continue  # Python takes leading space for an indentation.
        if character in "²³" and text[column - 2 : column - 1] in ("²", "³"):
            raise FormulaError("write a power of more than one digit with ^, such as x^23", column)
        spelled += part
        columns += [column] * len(part)
    return spelled, [*columns, len(text) + 1]


def _check(spelled: str, columns: list[int]) -> None:
    """Reads the formula from left to right and raises FormulaError at the first thing that is out of place."""
    brackets: list[tuple[bool, int]] = []  # Each open one: whether it is a function's, and its column.
    before, complete, at = "", False, 0  # The last token; whether what stands so far could end here; the position.
    while at < len(spelled):
        if spelled[at] == " ":
            at += 1
            continue
        column, match = columns[at], TOKEN.match(spelled, at)
        if match is None:
            raise FormulaError(_stranger(spelled[at]), column)
        token, kind, at = match.group(), match.lastgroup, match.end()
        called = before in FUNCTIONS
        if kind == "name" and token not in FUNCTIONS | VARIABLES | CONSTANTS:
            raise FormulaError(_unknown(token), column)
        if called and token != "(":
            raise FormulaError(f"{before} needs its argument in brackets, such as {before}(x)", column)
        if complete and (kind or token == "("):
            pair = ("(...)" if before == ")" else before) + "*" + ("(...)" if token == "(" else token)
            raise FormulaError(f"an operator is missing here: write {pair}", column)
        if not complete and not called and kind is None and token not in "(+-":
            raise FormulaError(
                f"{f'between {before} and' if before else 'before'} {token} something is missing", column
            )
        if token == "(":
            brackets.append((called, column))
        elif token == ")":
            if not brackets:
                raise FormulaError("this bracket closes none: remove it or open one before it", column)
            brackets.pop()
        elif token == "," and not (brackets and brackets[-1][0]):
            raise FormulaError("a comma only separates the arguments of a function; decimals are written 0.5", column)
        if len(brackets) > DEEPEST:
            raise FormulaError(f"the brackets are nested too deep; at most {DEEPEST} levels are read", column)
        before, complete = token, token == ")" or (kind is not None and token not in FUNCTIONS)
    if not before:
        raise FormulaError("the formula is empty: write an expression in x and y, such as x^2 + y^2", 1)
    if before in FUNCTIONS:
        raise FormulaError(f"{before} needs its argument in brackets, such as {before}(x)", columns[-1])
    if not complete:
        raise FormulaError(f"the formula ends too early: something is missing after {before}", columns[-1])
    if brackets:
        raise FormulaError(f"the bracket opened at character {brackets[-1][1]} is not closed: add )", columns[-1])


def _stranger(character: str) -> str:
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return f"{shown} has no meaning here" + (f": {HINTS[character]}" if character in HINTS else "")


def _unknown(name: str) -> str:
    if re.fullmatch("[xy][xy0-9]+", name):
        return f"{name} is not known: write {'*'.join(re.findall('[xy]|[0-9]+', name))}"
    known = [*VARIABLES, *CONSTANTS, *FUNCTIONS]
    close = ["log"] if name == "ln" else difflib.get_close_matches(name.lower(), known, 1)
    return f"{name} is not known{f'; did you mean {close[0]}?' if close else '.'} Known are {', '.join(known)}"


class _Reader:
    """Turns the syntax tree into a term, admitting only the kinds of nodes that are listed here."""

    def __init__(self, columns: list[int]) -> None:
        self.columns = columns
        self.nodes = 0

    def read(self, node: ast.expr, depth: int) -> Term:
        column = self.columns[node.col_offset]
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise FormulaError(f"the formula has too many parts; at most {MOST_NODES} are read", column)
        if depth > DEEPEST:
            raise FormulaError(f"the formula is nested too deep; at most {DEEPEST} levels are read", column)
        match node:
            case ast.Constant(value=int() | float() as number) if math.isfinite(number):
                return terms.constant(float(number))
            case ast.Constant():
                raise FormulaError("this number is too large", column)
            case ast.Name(id=name):
                return (VARIABLES | CONSTANTS)[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return terms.negative(self.read(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                wanted = FUNCTIONS[name].arguments
                if len(arguments) != wanted:
                    example = f"{name}({', '.join('xy'[:wanted])})"
                    raise FormulaError(f"{name} takes {wanted} argument{'s'[: wanted - 1]}, such as {example}", column)
                return terms.call(name, *(self.read(argument, depth + 1) for argument in arguments))
        raise FormulaError("this is not understood here", column)
