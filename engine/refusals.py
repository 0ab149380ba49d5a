"""Why a setting was refused, in words for visitors."""

from pydantic import ValidationError


def quoted(text: str) -> str:
    """Shorten untrusted text and put it in quotation marks. The result is safe to show as plain text."""
    return repr(text if len(text) <= 40 else text[:39] + "…")


WORDS = {
    "greater_than": "it must be above {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than": "it must be below {lt:g}",
    "less_than_equal": "it must be at most {le:g}",
    "literal_error": "expected {expected}",
    "too_short": "at least {min_length} are needed",
    "too_long": "at most {max_length} are allowed",
    "string_too_long": "at most {max_length} characters are allowed",
}
"""Messages for visitors, by pydantic's type of error. Pydantic's own messages are written for programmers."""


def reason(error: ValueError) -> str:
    """The first error, as a clause that can be shown to a visitor."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    if words := WORDS.get(first["type"]):
        return words.format(**first["ctx"])
    return first["msg"].removeprefix("Value error, ").rstrip(".")
