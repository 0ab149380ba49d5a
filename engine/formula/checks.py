"""The first checks of a formula: its characters, and whether each part is allowed in its place."""

import re
import unicodedata

from engine.formula import hints
from engine.formula.hints import CALLS, call, listed, short
from engine.formula.terms import CONSTANTS

LONGEST = 300
"""The most characters that a formula may have."""

DEEPEST = 40
"""How deep brackets, signs, calls and chained operators may be nested."""

SPELLINGS = {
    **dict.fromkeys("^ˆ＾↑", "**"),
    **dict.fromkeys("×·⋅∗⁎∙•✕✖⨯⋆・‧＊\u2062", "*"),
    **dict.fromkeys("÷∕⁄／", "/"),
    **dict.fromkeys("−–—‐‑‒﹣－➖─", "-"),
    "\u2063": ",",
    "\u2064": "+",
    **dict(zip("（），．＋", "(),.+", strict=True)),
    "٫": ".",
    "π": "pi",
}
"""Character that people type or paste -> Python's spelling of it. Three of the characters are invisible."""

POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
"""The digits that are written as powers, from 0."""

BELOW = "₀₁₂₃₄₅₆₇₈₉"
"""The digits that are written below the line, from 0. They are read in the names log₂ and log₁₀."""

# Invisible characters that turn the direction of writing: text with them would not be what it looks like.
TURNS = "\u202b\u202d\u202e\u2067"

TOKEN = re.compile(r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|\*\*|[-+*/(),]", re.ASCII)


class FormulaError(ValueError):
    """A formula that cannot be read. message: what is wrong and what to do. column: its place in the text, from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message, column)
        self.message, self.column = message, column

    def __str__(self) -> str:
        return f"{self.message} (character {self.column})"


def spell(text: str, variables: tuple[str, ...]) -> tuple[str, list[int]]:
    """``text`` in Python's characters, and the columns in ``text`` from which these characters and the end come.

    A beginning such as "f(x, y) =" and invisible characters are left out. Raises FormulaError.
    """
    if len(text) > LONGEST:
        raise FormulaError(f"the formula has {len(text):,} characters; at most {LONGEST} are read", LONGEST + 1)
    arguments = r"\s*,\s*".join(variables)
    head = re.match(rf"\s*([A-Za-z]\w*)\s*\(\s*{arguments}\s*\)\s*:?=", text)
    named = head and head[1] not in {*variables, *CONSTANTS, *CALLS}
    spelled, columns = "", []
    for column, character in enumerate(text, 1):
        invisible = unicodedata.category(character) in ("Cf", "Mn") and character not in TURNS
        if (invisible and character not in SPELLINGS) or (head and named and column <= head.end()):
            continue
        power, below = POWERS.find(character), BELOW.find(character)
        if character.isdecimal():
            part = str(unicodedata.decimal(character))
        elif below >= 0 and re.search("log1?$", spelled):
            part = str(below)
        else:
            part = " " if character.isspace() else f"**{power}" if power >= 0 else SPELLINGS.get(character, character)
        if part == " " and not spelled:
            continue  # Python reads leading space as indentation.
        if power >= 0 and column > 1 and text[column - 2] in POWERS:
            raise FormulaError(f"write a power of more than one digit with ^, such as {variables[0]}^23", column)
        spelled += part
        columns += [column] * len(part)
    return spelled, [*columns, len(text) + 1]


def check(spelled: str, columns: list[int], variables: tuple[str, ...]) -> None:
    """Read the formula from left to right. Raises FormulaError at the first part that is out of place.

    A formula that passes has only numbers, known names, operators, brackets and calls. Python can parse it too, unless
    a whole number has leading zeros.
    """
    names = {*variables, *CONSTANTS, *CALLS}
    head = re.match(r"([A-Za-z]\w*) *(\([^()=]*\))? *:?=", spelled)
    if head and head[1] not in variables:
        raise FormulaError(f"write only the right-hand side, without {short(head[0])}", columns[0])
    brackets: list[tuple[bool, int]] = []  # For each open bracket: whether it belongs to a call, and its column.
    earlier, before, complete, at = "", "", False, 0  # The last tokens; whether the formula could end here; the place.
    while at < len(spelled):
        if spelled[at] == " ":
            at += 1
            continue
        column, match = columns[at], TOKEN.match(spelled, at)
        if match is None:
            raise FormulaError(hints.stranger(spelled, at, before, variables), column)
        token, kind, at = match.group(), match.lastgroup, match.end()
        called = before in CALLS
        if kind == "name" and token not in names:
            if spelled[at : at + 1].isalnum():  # the name goes on with a letter of another alphabet
                raise FormulaError(hints.stranger(spelled, at, before, variables), columns[at])
            raise FormulaError(hints.unknown(token, before, spelled[at:].lstrip(), variables), column)
        if called and token == "**" and re.match(r"\**\s*\(?\s*-\s*1\b", spelled[match.start() :]):
            raise FormulaError(hints.inverse(before, variables), column)
        if called and token == "**":
            raise FormulaError(f"write the power after the argument, such as {call(before, variables)}^2", column)
        if called and token != "(":
            raise FormulaError(hints.bare(before, variables), column)
        if complete and (kind or token == "("):
            apart = spelled[match.start() - 1] == " "  # x^2 y is x^2*y, while x^2y can be x^(2*y)
            raise FormulaError(hints.missing("" if apart else earlier, before, token), column)
        if not complete and not called and kind is None and token not in "(+-":
            raise FormulaError(
                f"something is missing {f'between {short(before)} and' if before else 'before'} {short(token)}",
                column,
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
        earlier, before, complete = before, token, token == ")" or (kind is not None and token not in CALLS)
    if not before:
        example = " + ".join(f"{name}^2" for name in variables[:2])
        raise FormulaError(f"the formula is empty: write an expression in {listed(variables)}, such as {example}", 1)
    if before in CALLS:
        raise FormulaError(hints.bare(before, variables), columns[-1])
    if not complete:
        raise FormulaError(f"the formula ends too early: something is missing after {short(before)}", columns[-1])
    if brackets:
        raise FormulaError(f"the bracket opened at character {brackets[-1][1]} is not closed: add )", columns[-1])
