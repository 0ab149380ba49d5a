"""Read a number as people write it: with a comma or a point, spaces, a long minus, a power of ten, or as a fraction."""

import math
import re
import unicodedata

LONGEST = 40
"""The most characters that a number may have."""

SPELLINGS = str.maketrans(
    dict.fromkeys("−–—‐‑‒﹣－", "-")
    | dict.fromkeys("×·⋅∗", "*")
    | dict.fromkeys("\u00a0\u2009\u202f٬’", "'")
    | {"⁄": "/", "∕": "/", "٫": ".", "．": ".", "，": ","}
)
POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

PLAIN = r"[+-]?[\d.,']+(?:[eE][+-]?\d{1,3})?"
NUMBER = re.compile(
    rf"(?:(?P<first>{PLAIN})(?:\*10\^|/(?P<second>{PLAIN})$|$)|(?P<sign>[+-]?)10\^)(?:(?P<open>\()?(?P<power>[+-]?\d{{1,3}})(?(open)\)))?",
    re.ASCII,
)


def read_number(text: str, whole: bool = False) -> float | int:
    """The number that ``text`` means. whole: an int is wanted. Raises ValueError, whose message says what to write.

    A point is a decimal point, unless there are several, or a comma after it. A comma is a decimal comma, unless it can
    only separate thousands, as in 1,234.5. One comma before three digits, as in 1,000, can be either and is refused.
    """
    shown = repr(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
    refusal = ValueError(f"{shown} is not a number: write it as {'12 or 1e3' if whole else '0.5, 1e-3, 10^-3 or 1/30'}")
    if len(text) > LONGEST:
        raise refusal
    if "/" in text and any(letter.isdecimal() and not letter.isascii() for letter in text):
        raise ValueError(f"{shown} can be a fraction or have a decimal mark: write it with digits 0 to 9")
    text = text.strip()
    if text.count("٫") > 1:
        raise refusal
    digits = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)
    kept = re.sub(r"10([⁺⁻]?[⁰¹²³⁴-⁹]+)", lambda found: f"10^{found[1].translate(POWERS)}", digits.translate(SPELLINGS))
    kept = re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", kept).strip(" \t")
    kept = re.sub(
        r"(?<=\d)[ \t](?=\d{3}(?!\d))", "'", re.sub(r"[ \t']*([*/^()])[ \t']*|(?<=^[+-])[ \t']+", r"\1", kept)
    )
    found = NUMBER.fullmatch(kept)
    if not found or ("10^" in kept) != bool(found["power"]) or (found["second"] and "'" in found["first"]):
        raise refusal
    first = found["first"] if found["first"] else f"{found['sign']}1"
    if whole and re.fullmatch(r"[+-]?\d+", first) and not found["power"] and not found["second"]:
        return int(first)
    value = _plain(first, shown, whole, refusal)
    nothing = value == 0
    if found["power"]:
        value *= float(f"1e{found['power']}")
    if found["second"]:
        divisor = _plain(found["second"], shown, False, refusal)
        if not divisor:
            raise ValueError(f"{shown} divides by 0")
        value /= divisor
    if not math.isfinite(value) or (not value and not nothing):
        raise ValueError(f"{shown} is too {'small' if math.isfinite(value) else 'large'}")
    if whole and not value.is_integer():
        raise ValueError(f"{shown} is not a whole number")
    return int(value) if whole else value


def _plain(token: str, shown: str, whole: bool, refusal: ValueError) -> float:
    """The value of digits with marks and an exponent. Raises ValueError."""
    found = re.fullmatch(r"([+-]?)([\d.,']*)(?:[eE](.*))?", token)
    assert found
    sign, digits, exponent = found[1], found[2], found[3] or "0"
    if "'" in digits:
        whole_part = re.match(r"[^.,]*", digits)
        if (
            not whole_part
            or not re.fullmatch(r"[1-9]\d{0,2}('\d{3})+", whole_part[0])
            or "'" in digits[whole_part.end() :]
        ):
            raise refusal
        digits = digits.replace("'", "")
    thousands = r"[1-9]\d{0,2}(?:%s\d{3})+"
    if re.fullmatch(thousands % "," + r"\.\d*", digits) or re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3}){2,}", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(thousands % "[.]" + r",\d*", digits) or re.fullmatch(r"[1-9]\d{0,2}(?:[.]\d{3}){2,}", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[1-9]\d{0,2},\d{3}" if not whole else r"[1-9]\d{0,2}[.,]\d{3}", digits):
        parts = re.split("[.,]", digits)
        either = " or ".join(f"{sign}{mark.join(parts)}{f'e{exponent}' if found[3] else ''}" for mark in ("", "."))
        raise ValueError(f"{shown} is unclear: its {token} can mean {either}. Write one of these")
    elif digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".")
    if not re.fullmatch(r"\d+\.?\d*|\.\d+", digits):
        raise refusal
    value = float(f"{sign}{digits}e{exponent}")
    if not value and re.search("[1-9]", digits):
        raise ValueError(f"{shown} is too small")
    return value


def write_number(value: float) -> str:
    """``value`` as a text that ``read_number`` reads. Six digits of a float are written, as settings have no more."""
    text = str(value) if isinstance(value, int) else f"{value:.6g}"
    return text.replace("e+", "e").replace("e0", "e").replace("e-0", "e-")


SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def written(value: float, digits: int = 2) -> str:
    """A number in a sentence, with this many digits. What is not finite is written in words."""
    if not math.isfinite(value):
        return "infinite" if math.isinf(value) else "not a number"
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return signed(f"{value:,.0f}" if abs(value) >= 10**digits - 0.5 else f"{value:.{digits}g}")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{signed(mantissa)} × {ten_to(int(exponent))}"


def share(value: float) -> str:
    """A part of something, per cent. What is more than twice the whole is written as a multiple of it: 15,417 times."""
    return f"{value:.1%}" if value <= 2 else f"{written(value)} times"


def signed(text: str) -> str:
    """A written number with a minus sign instead of a hyphen. An exponent after "e" keeps its hyphen."""
    return re.sub(r"^-", "−", text)


def ten_to(exponent: int) -> str:
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"
