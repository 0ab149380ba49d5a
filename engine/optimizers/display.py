"""What pages show of an optimizer."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Display:
    """How an optimizer is named, drawn and explained.

    label: the name shown.            colour: its colour on every page, "#rrggbb".
    rule: the update in LaTeX.        source: (title, address) of the publication.
    differs: where torch's form departs from the textbook's; empty if it does not.
    """

    label: str
    colour: str
    rule: str
    source: tuple[str, str]
    differs: str = ""
