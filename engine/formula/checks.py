"""The first checks of a formula: its characters, and whether each part is allowed in its place."""

import re
import unicodedata

from engine.formula.terms import ALIASES, CONSTANTS, FUNCTIONS

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

# Invisible characters that turn the direction of writing: text with them would not be what it looks like.
TURNS = "\u202b\u202d\u202e\u2067"

TOKEN = re.compile(r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)|\*\*|[-+*/(),]", re.ASCII)

HINTS = {
    "=": "write only the right-hand side, without =",
    "|": "write |{0}| as abs({0})",
    "!": "factorials cannot be used here",
    "%": "write a percentage as a fraction, such as 0.05, and a remainder as mod({0}, 2)",
    "√": "write the root as sqrt({0})",
    "∛": "write the root as cbrt({0})",
    ".": "a point can be used only inside a number, such as 0.5",
    ";": "write a single expression",
    "\\": "write it without LaTeX, such as {0}^2/2 or sin({0})",
    "$": "write it without LaTeX, such as {0}^2/2 or sin({0})",
    **dict.fromkeys("<>≤≥", "comparisons cannot be used here; max({0}, 0) is 0 where {0} is negative"),
    **dict.fromkeys("‖∥", "write the length of the vector (a, b) as hypot(a, b)"),
    "⌊": "write floor({0})",
    "∞": "only finite numbers can be used",
} | dict.fromkeys("[]{}", "use round brackets ( )")
"""Character without a meaning here -> what to write instead. {0} is the first variable."""

WRITE = {
    "lg": "log10({0}) for the logarithm to base 10, or log2({0}) to base 2",
    "log1p": "log(1 + {0})",
    "expm1": "exp({0}) - 1",
    "erfc": "1 - erf({0})",
    "step": "(1 + sign({0}))/2, which is 1/2 at 0",
    "heaviside": "(1 + sign({0}))/2, which is 1/2 at 0",
    "round": "floor({0} + 1/2)",
    "pow": "{0}^2 for a power",
    "square": "{0}^2",
    "norm": "hypot(a, b) for the length of the vector (a, b)",
    "clip": "min(max({0}, 0), 1) to stay between 0 and 1",
    "clamp": "min(max({0}, 0), 1) to stay between 0 and 1",
    "sinc": "sin({0})/{0}, or sin(pi*{0})/(pi*{0})",
}
"""Name that is not a function here -> what to write instead. {0} is the first variable."""

SPOKEN = {"sine": "sin", "cosine": "cos", "tangent": "tan", "absolute": "abs", "exponential": "exp"}
"""Word -> the function that it names."""

CALLS = {**FUNCTIONS, **{alias: FUNCTIONS[name] for alias, name in ALIASES.items()}}
"""Every name that can be called -> its function."""

LOOKALIKES = dict(zip("асеорхуіѕјԁԛԝһοχνуΧХУҮ", "aceopxyisjdqwhoxvyXXYY", strict=True))
"""Letter of another alphabet -> the Latin letter that it looks like."""


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
        power = POWERS.find(character)
        if character.isdecimal():
            part = str(unicodedata.decimal(character))
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
        raise FormulaError(f"write only the right-hand side, without {_short(head[0])}", columns[0])
    brackets: list[tuple[bool, int]] = []  # For each open bracket: whether it belongs to a call, and its column.
    earlier, before, complete, at = "", "", False, 0  # The last tokens; whether the formula could end here; the place.
    while at < len(spelled):
        if spelled[at] == " ":
            at += 1
            continue
        column, match = columns[at], TOKEN.match(spelled, at)
        if match is None:
            raise FormulaError(_stranger(spelled[at], before, variables), column)
        token, kind, at = match.group(), match.lastgroup, match.end()
        called = before in CALLS
        if kind == "name" and token not in names:
            raise FormulaError(_unknown(token, before, spelled[at:].lstrip(), variables), column)
        if called and token == "**" and re.match(r"\**\s*\(?\s*-\s*1\b", spelled[match.start() :]):
            inverse = f"a{before}({variables[0]}) for the inverse function, or " if f"a{before}" in CALLS else ""
            raise FormulaError(f"write {inverse}1/{before}({variables[0]})", column)
        if called and token == "**":
            raise FormulaError(f"write the power after the argument, such as {before}({variables[0]})^2", column)
        if called and token != "(":
            raise FormulaError(_bare(before, variables), column)
        if complete and (kind or token == "("):
            apart = spelled[match.start() - 1] == " "  # x^2 y is x^2*y, while x^2y can be x^(2*y)
            raise FormulaError(_missing("" if apart else earlier, before, token), column)
        if not complete and not called and kind is None and token not in "(+-":
            raise FormulaError(
                f"something is missing {f'between {_short(before)} and' if before else 'before'} {_short(token)}",
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
        raise FormulaError(_bare(before, variables), columns[-1])
    if not complete:
        raise FormulaError(f"the formula ends too early: something is missing after {before}", columns[-1])
    if brackets:
        raise FormulaError(f"the bracket opened at character {brackets[-1][1]} is not closed: add )", columns[-1])


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """``names`` in a sentence: "x", "x and y", "x, y and z"."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _short(token: str) -> str:
    token = token.replace("**", "^")
    return token if len(token) <= 20 else f"{token[:19]}…"


def _missing(earlier: str, before: str, token: str) -> str:
    """What to write where an operator is missing between two parts. After ^ and / there are two ways to read them."""
    if token in CALLS and CALLS[token].arguments > 1:
        return (
            f"an operator is missing here; a function stands before its arguments: write {token}({_short(before)}, ...)"
        )
    if before[-1].isdecimal() and (token[0].isdecimal() or token[0] == "."):
        return "two numbers stand side by side: write one number without a space, such as 1000 or 1.5, or put * between"
    pair = ("(...)" if before == ")" else _short(before)) + "*" + ("(...)" if token == "(" else _short(token))
    if earlier in ("**", "/"):
        mark = _short(earlier)
        return f"an operator is missing here: write {mark}({pair}), or {mark}{pair}"
    return f"an operator is missing here: write {pair}"


def _bare(function: str, variables: tuple[str, ...]) -> str:
    return f"{function} needs its argument in brackets, such as {function}({variables[0]})"


def _stranger(character: str, before: str, variables: tuple[str, ...]) -> str:
    if before == "sqrt" and character == "[":
        return f"write the third root as cbrt({variables[0]}), and other roots as a power, such as {variables[0]}^(1/4)"
    if before in variables and (character == "[" or character in "₀₁₂₃₄₅₆₇₈₉"):
        return f"the variables here are {listed(variables)}, without numbers"
    if unicodedata.decomposition(character).startswith("<super>"):
        meant = "(-1)" if character == "⁻" else unicodedata.normalize("NFKC", character)
        return f"{character} is not read: write a power with ^, such as {_short(before) or variables[0]}^{meant}"
    meant = LOOKALIKES.get(character, unicodedata.normalize("NFKC", character))
    if meant != character and meant.isascii() and meant.isalnum():
        return (
            f"{character} looks like {meant}, but it is the character {unicodedata.name(character, '')}: type {meant}"
        )
    if "⁄" in meant:
        return f"{character} is not read: type ({meant.replace('⁄', '/')})"
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return f"{shown} has no meaning here" + (f": {HINTS[character].format(variables[0])}" if character in HINTS else "")


def _unknown(name: str, before: str, rest: str, variables: tuple[str, ...]) -> str:
    """What is wrong with ``name``. A suggestion is made only if it means what the name means in every textbook.

    before: the token before the name. rest: the text after it.
    """
    shown = _short(name)
    factors = "|".join(sorted([*variables, *CONSTANTS], key=len, reverse=True))
    either = "|".join(sorted(variables, key=len, reverse=True))
    if name in WRITE:
        return f"{name} is not known: write {WRITE[name].format(variables[0])}"
    if re.fullmatch(f"({factors}){{2,}}", name):
        parts = re.findall(factors, name)
        pair = "*".join(parts) if len(parts) < 6 else f"{parts[0]}*{parts[1]}*..."
        mark = _short(before)
        return f"{shown} is not known: write {f'{mark}({pair}), or {mark}' if before in ('**', '/') else ''}{pair}"
    if re.fullmatch(f"({either})(_.*|({either}|[0-9])*)", name):
        return f"{shown} is not known: the variables here are {listed(variables)}"
    if base := re.fullmatch(f"log(2|10)({either})", name):
        inside = f"log{base[1]}({base[2]})"
        return f"{shown} is not known: write {inside} for the logarithm to base {base[1]}"
    if rest.startswith("(") and (product := re.fullmatch(f"({factors})([a-z]\\w*)", name)) and product[2] in CALLS:
        return f"{shown} is not known: write {product[1]}*{product[2]}(...)"
    if (glued := re.fullmatch(f"(\\w+?)([0-9]*)({either})", name)) and glued[1] in CALLS:
        inside = f"{glued[2]}*{glued[3]}" if glued[2] else glued[3]
        power = f"({inside})^, or {glued[1]}({inside}^...)" if rest.startswith("**") else f"({inside})"
        return f"{shown} is not known: write {glued[1]}{power}"
    known = [*variables, *CONSTANTS, *CALLS]
    close = [word for word in known if word in (name.lower(), SPOKEN.get(name.lower()))]
    some, more = list(FUNCTIONS)[:12], len(FUNCTIONS) - 12
    listing = f"{', '.join([*variables, *CONSTANTS, *some])} and {more} more functions"
    return f"{shown} is not known" + (f"; did you mean {close[0]}?" if close else f". Known are {listing}")
