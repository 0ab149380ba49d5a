"""The reader of a typed formula: it turns text into a torch function, source and LaTeX. It never executes the text.

The grammar is below. ``^`` and ``**`` are both the power: right-associative, and stronger than a sign on its left::

    formula:   variables  pi  e  numbers  + - * / ^  ( )  and the functions of ``engine.formula.terms``
"""

import ast
import keyword
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from engine.formula import functions, hints, terms
from engine.formula.checks import DEEPEST, FormulaError, check, spell
from engine.formula.hints import CALLS, listed
from engine.formula.terms import ALIASES, CONSTANTS, FUNCTIONS, Term

MOST_NODES = 120
"""The most numbers, names, operators and calls that a formula may have."""

OPERATORS: dict[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.Add: terms.add,
    ast.Sub: terms.subtract,
    ast.Mult: terms.multiply,
    ast.Div: terms.divide,
    ast.Pow: terms.power,
}


@dataclass(frozen=True)
class Formula:
    """A formula that was understood.

    text: as the visitor wrote it.
    nodes: how many numbers, names, operators and calls it has.
    f: takes one tensor per variable, all of the same shape, and returns a tensor of that shape. It is differentiable.
        In a batch, each point gets the same bits as it would get alone.
    source: f as a Python expression in the variables, ``torch`` and the functions of ``engine.formula.functions``. It
        gives the same bits as f.
    formula: f in LaTeX.
    """

    text: str
    nodes: int
    f: Callable[..., Tensor] = field(compare=False, repr=False)
    source: str
    formula: str


def parse_formula(text: str, variables: tuple[str, ...] = ("x", "y")) -> Formula:
    """``text`` as a function of ``variables``. Raises FormulaError.

    variables: names of ASCII letters and digits that begin with a letter. Raises ValueError if a name has another form,
        occurs twice, or already has a meaning in formulas or in Python.
    """
    taken = {*CONSTANTS, *FUNCTIONS, *ALIASES, *vars(functions), *keyword.kwlist, "torch"}
    if not variables or not all(re.fullmatch("[A-Za-z][A-Za-z0-9]*", name) for name in variables):
        raise ValueError(f"a variable's name is letters and digits, first a letter; got {variables}")
    if len({*variables} - taken) < len(variables):
        raise ValueError(f"each variable needs its own name, but not one of {', '.join(sorted(taken))}")
    spelled, columns = spell(text, variables)
    check(spelled, columns, variables)
    try:
        tree = ast.parse(spelled, mode="eval").body
    except SyntaxError as error:  # The only error that check does not find.
        column = columns[min(max((error.offset or 1) - 1, 0), len(spelled))]
        raise FormulaError("write whole numbers without leading zeros", column) from None
    reader = _Reader(spelled, columns, variables)
    term = reader.read(tree, 1)
    if term.value is not None:
        raise FormulaError(f"the formula uses {_none_of(variables)}, so it is a constant", 1)
    return Formula(text, reader.nodes, term.f, term.source, term.latex)


def _none_of(names: tuple[str, ...]) -> str:
    if len(names) < 3:
        return f"{'neither' if len(names) == 2 else 'no'} {listed(names, 'nor')}"
    return f"none of {listed(names)}"


class _Reader:
    """Turns a syntax tree into a term. It accepts only the kinds of nodes that are listed here."""

    def __init__(self, spelled: str, columns: list[int], variables: tuple[str, ...]) -> None:
        self.spelled, self.columns = spelled, columns
        self.variables = {name: terms.variable(name, index) for index, name in enumerate(variables)}
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
                return (self.variables | CONSTANTS)[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return terms.negative(self.read(operand, depth + 1))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                self._count(name, node, arguments)
                read = [self.read(argument, depth + 1) for argument in arguments]
                return terms.call(ALIASES.get(name, name), *read, like=next(iter(self.variables.values())))
        raise FormulaError("this part cannot be read", column)

    def _count(self, name: str, node: ast.Call, arguments: list[ast.expr]) -> None:
        """Raise FormulaError if the function ``name`` takes another number of arguments."""
        if len(arguments) != CALLS[name].arguments:
            whole, *parts = (self.spelled[part.col_offset : part.end_col_offset] for part in (node, *arguments))
            comma = re.search(r"\d,\d", whole) is not None
            message = hints.count(name, parts, comma, tuple(self.variables))
            raise FormulaError(message, self.columns[node.col_offset])
