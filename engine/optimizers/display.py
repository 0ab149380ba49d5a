"""What pages show of an optimizer."""

from typing import ClassVar

from engine.spec import Spec


class Display(Spec):
    """How an optimizer is named, drawn and explained.

    label: the name shown.            colour: its colour on every page, "#rrggbb".
    rule: the update in LaTeX.        source: (title, address) of the publication.
    differs: where torch's form departs from the textbook's; empty if it does not.
    """

    label: ClassVar[str]
    colour: ClassVar[str]
    rule: ClassVar[str]
    source: ClassVar[tuple[str, str]]
    differs: ClassVar[str] = ""

    def called(self) -> str:
        """The name of a lane with these settings."""
        return self.label
