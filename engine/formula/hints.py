"""What to write instead of a part of a formula that cannot be read."""

import re
import unicodedata

from engine.formula.terms import ALIASES, CONSTANTS, FUNCTIONS

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
    "round": "floor({0} + 1/2), which rounds halves up",
    "pow": "{0}^2 for a power",
    "root": "cbrt({0}) for the third root, and other roots as a power, such as {0}^(1/4)",
    "log_2": "log2({0})",
    "log_10": "log10({0})",
    "log_e": "log({0})",
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

LOOKALIKES = dict(zip("асеорхуіѕјԁԛԝһӏοιαρτχνυΧХУҮıɑɡ", "aceopxyisjdqwhloiaptxvyXXYYiag", strict=True))
"""Letter of another alphabet -> the Latin letter that it looks like."""


def listed(names: tuple[str, ...], last: str = "and") -> str:
    """``names`` in a sentence: "x", "x and y", "x, y and z"."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def short(token: str) -> str:
    """``token`` as visitors write it, cut after 20 characters."""
    token = token.replace("**", "^")
    return token if len(token) <= 20 else f"{token[:19]}…"


def missing(earlier: str, before: str, token: str) -> str:
    """What to write where an operator is missing between two parts. After ^ and / there are two ways to read them."""
    if token in CALLS and CALLS[token].arguments > 1:
        return (
            f"an operator is missing here; a function stands before its arguments: write {token}({short(before)}, ...)"
        )
    if before[-1].isdecimal() and (token[0].isdecimal() or token[0] == "."):
        return "two numbers stand side by side: write one number without a space, such as 1000 or 1.5, or put * between"
    pair = ("(...)" if before == ")" else short(before)) + "*" + ("(...)" if token == "(" else short(token))
    if earlier in ("**", "/"):
        mark = short(earlier)
        return f"an operator is missing here: write {mark}({pair}), or {mark}{pair}"
    return f"an operator is missing here: write {pair}"


def call(function: str, variables: tuple[str, ...]) -> str:
    """A call of ``function``: "sin(x)", "max(x, y)"."""
    return f"{function}({', '.join([*variables, '1'][: CALLS[function].arguments])})"


def bare(function: str, variables: tuple[str, ...]) -> str:
    """The message that ``function`` stands without brackets."""
    plural = "s" if CALLS[function].arguments > 1 else ""
    return f"{function} needs its argument{plural} in brackets, such as {call(function, variables)}"


def inverse(function: str, variables: tuple[str, ...]) -> str:
    """What to write instead of sin^-1. In textbooks it is the inverse function, for some people the reciprocal."""
    reciprocal = f"1/{call(function, variables)} for the reciprocal"
    if f"a{function}" not in CALLS:
        return f"write {reciprocal}; the inverse function is not known"
    return f"write a{function}({variables[0]}) for the inverse function, or {reciprocal}"


def count(function: str, arguments: list[str], comma: bool, variables: tuple[str, ...]) -> str:
    """The message that ``function`` takes another number of arguments.

    arguments: their texts. comma: whether a comma stands between two digits, as in a decimal number.
    """
    wanted = CALLS[function].arguments
    said = f"{function} takes {wanted} argument{'s'[: wanted - 1]}"
    first, second, third = ([short(text) if len(text) <= 20 else "..." for text in arguments] + [""] * 3)[:3]
    if len(arguments) == 2 and CALLS[function] is FUNCTIONS["log"]:
        said += f": write {_logarithm(first, second)}"
        if first[0].isdigit() and not second[0].isdigit():  # some programs expect the base first
            said += f", or {_logarithm(second, first)}"
    elif len(arguments) == 2 and CALLS[function] is FUNCTIONS["atan"]:
        said += f": write atan2({first}, {second}) for the angle of the point ({second}, {first})"
    elif len(arguments) == 3 and function in ("min", "max", "hypot"):
        said += f": write {function}({first}, {function}({second}, {third}))"
    else:
        said += f", such as {call(function, variables)}"
    return said + ("; decimals are written 0.5" if comma and len(arguments) > wanted else "")


def _logarithm(number: str, base: str) -> str:
    written = {"2": f"log2({number})", "10": f"log10({number})", "e": f"log({number})"}
    return f"{written.get(base, f'log({number})/log({base})')} for the logarithm to base {base}"


def stranger(spelled: str, at: int, before: str, variables: tuple[str, ...]) -> str:
    """What is wrong with the character ``spelled[at]``. before: the token before it."""
    character = spelled[at]
    if before == "sqrt" and character == "[":
        return f"write the third root as cbrt({variables[0]}), and other roots as a power, such as {variables[0]}^(1/4)"
    if before in variables and (character == "[" or character in "₀₁₂₃₄₅₆₇₈₉"):
        return f"the variables here are {listed(variables)}, without numbers"
    if unicodedata.decomposition(character).startswith("<super>"):
        meant = "(-1)" if character == "⁻" else unicodedata.normalize("NFKC", character)
        return f"{character} is not read: write a power with ^, such as {short(before) or variables[0]}^{meant}"
    meant = latin(character)
    if meant != character and meant.isascii() and meant.isalnum():
        word = next(latin(name[0]) for name in re.finditer(r"[^\W\d]\w*|.", spelled) if name.end() > at)
        names = {*variables, *CONSTANTS, *CALLS}
        said = f"{character} looks like {meant}, but it is the character {unicodedata.name(character, '')}"
        return said + next((f": type {typed}" for typed in (word, meant) if typed in names), "")
    if "⁄" in meant:
        return f"{character} is not read: type ({meant.replace('⁄', '/')})"
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return f"{shown} has no meaning here" + (f": {HINTS[character].format(variables[0])}" if character in HINTS else "")


def latin(text: str) -> str:
    """``text`` in the Latin letters and digits that its characters look like."""
    return "".join(LOOKALIKES.get(one, unicodedata.normalize("NFKC", one)) for one in text)


def unknown(name: str, before: str, rest: str, variables: tuple[str, ...]) -> str:
    """What is wrong with ``name``. A suggestion is made only if it means what the name means in every textbook.

    before: the token before the name. rest: the text after it.
    """
    shown = short(name)
    factors = "|".join(sorted([*variables, *CONSTANTS], key=len, reverse=True))
    either = "|".join(sorted(variables, key=len, reverse=True))
    if name in WRITE:
        return f"{name} is not known: write {WRITE[name].format(variables[0])}"
    if re.fullmatch(f"({factors}){{2,}}", name):
        parts = re.findall(factors, name)
        pair = "*".join(parts) if len(parts) < 6 else f"{parts[0]}*{parts[1]}*..."
        mark = short(before)
        return f"{shown} is not known: write {f'{mark}({pair}), or {mark}' if before in ('**', '/') else ''}{pair}"
    if re.fullmatch(f"({either})(_.*|({either}|[0-9])*)", name):
        return f"{shown} is not known: the variables here are {listed(variables)}"
    if base := re.fullmatch(f"log(2|10)({either})", name):
        inside = f"log{base[1]}({base[2]})"
        return f"{shown} is not known: write {inside} for the logarithm to base {base[1]}"
    if rest.startswith("(") and (product := re.fullmatch(f"({factors})([a-z]\\w*)", name)) and product[2] in CALLS:
        return f"{shown} is not known: write {product[1]}*{product[2]}(...)"
    if glued := _glued(name, before, rest.startswith("**"), variables):
        return f"{shown} is not known: write {glued}"
    known = [*variables, *CONSTANTS, *CALLS]
    close = [word for word in known if word in (name.lower(), SPOKEN.get(name.lower()))]
    some, more = list(FUNCTIONS)[:12], len(FUNCTIONS) - 12
    listing = f"{', '.join([*variables, *CONSTANTS, *some])} and {more} more functions"
    return f"{shown} is not known" + (f"; did you mean {close[0]}?" if close else f". Known are {listing}")


def _glued(name: str, before: str, raised: bool, variables: tuple[str, ...]) -> str:
    """What to write instead of a name such as sinx, sin2x, sinxy, xsinx or sinxcosy; "" for any other name.

    before: the token before the name. raised: whether a power follows the name.
    """
    factor = "|".join(sorted([*variables, *CONSTANTS], key=len, reverse=True))
    single, double = (
        "|".join(sorted((word for word in CALLS if CALLS[word].arguments == count), key=len, reverse=True))
        for count in (1, 2)
    )
    if pair := re.fullmatch(f"({double})({factor})({factor})", name):
        return f"{pair[1]}({pair[2]}, {pair[3]})"
    part = f"({single})([0-9]*)((?:{factor})+)"
    whole = re.fullmatch(f"((?:{factor})*?)((?:{part})+)", name)
    if not whole:
        return ""
    calls = [
        (function, [*filter(None, [number]), *re.findall(factor, letters)])
        for function, number, letters in re.findall(part, whole[2])
    ]
    *earlier, (last, inside) = calls
    many = max(sum(one in variables for one in factors) for _, factors in calls)
    if many == 0 or len(inside) > 6 or (earlier and (raised or many > 1)):
        return ""
    front = "".join(f"{one}*" for one in re.findall(factor, whole[1]))
    front += "".join(f"{function}({'*'.join(factors)})*" for function, factors in earlier)
    product = "*".join(inside)
    choices = [f"{last}({product})^", f"{last}({product}^...)"] if raised else [f"{last}({product})"]
    if many > 1:
        first = next(place for place, one in enumerate(inside, 1) if one in variables)
        choices.append(f"{last}({'*'.join(inside[:first])})*{'*'.join(inside[first:])}{'^' if raised else ''}")
    bound = before in ("**", "/") and not raised  # a product behind these needs brackets
    return ", or ".join(f"({front}{one})" if bound and (front or ")*" in one) else front + one for one in choices)
