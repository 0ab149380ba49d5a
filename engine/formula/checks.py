"""The first checks of a formula: its characters, and whether each part is allowed in its place."""

import difflib
import re

from engine.formula.terms import CONSTANTS, FUNCTIONS

LONGEST = 300
"""The most characters that a formula may have."""

DEEPEST = 40
"""The most levels to which brackets, signs, calls and chained operators may be nested."""

SPELLINGS = {"^": "**", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "²": "**2", "³": "**3", "π": "pi"}
"""Character that people type -> Python's spelling of it."""

TOKEN = re.compile(r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|\*\*|[-+*/(),]", re.ASCII)

HINTS = {
    "=": "write only the right-hand side, without =",
    "|": "write |{0}| as abs({0})",
    "!": "factorials cannot be used here",
    "%": "write a percentage as a fraction, such as 0.05",
    "√": "write the root as sqrt({0})",
    ".": "a point can be used only inside a number, such as 0.5",
    ";": "write a single expression",
} | dict.fromkeys("[]{}", "use round brackets ( )")
"""Character without a meaning here -> what to write instead. {0} is the first variable."""


class FormulaError(ValueError):
    """A formula that cannot be read. message: what is wrong and what to do. column: its place in the text, from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message, self.column = message, column

    def __str__(self) -> str:
        return f"{self.message} (character {self.column})"


def spell(text: str, variables: tuple[str, ...]) -> tuple[str, list[int]]:
    """``text`` in Python's characters, and the columns in ``text`` from which these characters and the end come.

    Raises FormulaError.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"the formula has {len(text):,} characters; at most {LONGEST} are read", LONGEST + 1)
    spelled, columns = "", []
    for column, character in enumerate(text, 1):
        part = " " if character.isspace() else SPELLINGS.get(character, character)
        if part == " " and not spelled:
            continue  # Python reads leading space as indentation.
        if character in "²³" and text[column - 2 : column - 1] in ("²", "³"):
            raise FormulaError(f"write a power of more than one digit with ^, such as {variables[0]}^23", column)
        spelled += part
        columns += [column] * len(part)
    return spelled, [*columns, len(text) + 1]


def check(spelled: str, columns: list[int], variables: tuple[str, ...]) -> None:
    """Read the formula from left to right. Raises FormulaError at the first part that is out of place.

    A formula that passes has only numbers, known names, operators, brackets and calls. Python can parse it too, unless
    a whole number has leading zeros.
    """
    names = {*variables, *CONSTANTS, *FUNCTIONS}
    brackets: list[tuple[bool, int]] = []  # For each open bracket: whether it belongs to a call, and its column.
    before, complete, at = "", False, 0  # The last token; whether the formula could end after it; the position.
    while at < len(spelled):
        if spelled[at] == " ":
            at += 1
            continue
        column, match = columns[at], TOKEN.match(spelled, at)
        if match is None:
            raise FormulaError(_stranger(spelled[at], variables), column)
        token, kind, at = match.group(), match.lastgroup, match.end()
        called = before in FUNCTIONS
        if kind == "name" and token not in names:
            raise FormulaError(_unknown(token, variables), column)
        if called and token != "(":
            raise FormulaError(_bare(before, variables), column)
        if complete and (kind or token == "("):
            pair = ("(...)" if before == ")" else before) + "*" + ("(...)" if token == "(" else token)
            raise FormulaError(f"an operator is missing here: write {pair}", column)
        if not complete and not called and kind is None and token not in "(+-":
            raise FormulaError(
                f"something is missing {f'between {before} and' if before else 'before'} {token}", column
            )
        if token == "(":
            brackets.append((called, column))
        elif token == ")":
            if not brackets:
                raise FormulaError("this bracket has no opening bracket: remove it, or add ( before it", column)
            brackets.pop()
        elif token == "," and not (brackets and brackets[-1][0]):
            raise FormulaError("a comma only separates the arguments of a function; decimals are written 0.5", column)
        if len(brackets) > DEEPEST:
            raise FormulaError(f"the brackets are nested too deep; at most {DEEPEST} levels are read", column)
        before, complete = token, token == ")" or (kind is not None and token not in FUNCTIONS)
    if not before:
        example = " + ".join(f"{name}^2" for name in variables[:2])
        raise FormulaError(f"the formula is empty: write an expression in {listed(variables)}, such as {example}", 1)
    if before in FUNCTIONS:
        raise FormulaError(_bare(before, variables), columns[-1])
    if not complete:
        raise FormulaError(f"the formula ends too early: something is missing after {before}", columns[-1])
    if brackets:
        raise FormulaError(f"the bracket opened at character {brackets[-1][1]} is not closed: add )", columns[-1])


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """``names`` in a sentence: "x", "x and y", "x, y and z"."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _bare(function: str, variables: tuple[str, ...]) -> str:
    return f"{function} needs its argument in brackets, such as {function}({variables[0]})"


def _stranger(character: str, variables: tuple[str, ...]) -> str:
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return f"{shown} has no meaning here" + (f": {HINTS[character].format(variables[0])}" if character in HINTS else "")


def _unknown(name: str, variables: tuple[str, ...]) -> str:
    either = "|".join(sorted(variables, key=len, reverse=True))
    if re.fullmatch(f"({either})({either}|[0-9])+", name):
        return f"{name} is not known: write {'*'.join(re.findall(f'{either}|[0-9]+', name))}"
    known = [*variables, *CONSTANTS, *FUNCTIONS]
    close = ["log"] if name == "ln" else difflib.get_close_matches(name.lower(), known, 1)
    return f"{name} is not known{f'; did you mean {close[0]}?' if close else '.'} Known are {', '.join(known)}"
