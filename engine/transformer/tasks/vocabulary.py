"""Vocabularies: between symbols, such as letters, and the numbers that a model reads."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

PAD, START, END = 0, 1, 2
"""Tokens of every vocabulary with ends: one that fills up a sequence, one that begins it and one that ends it."""

ENDS = ("⟨pad⟩", "⟨start⟩", "⟨end⟩")


@dataclass(frozen=True)
class Vocabulary:
    """The symbols that a model knows. A token is a symbol's place.

    noun: what the symbols are, in the plural, for messages. symbols: without the special ones, which come first.
    """

    noun: str
    symbols: tuple[str, ...]
    special: tuple[str, ...] = ENDS

    def __len__(self) -> int:
        return len(self.special) + len(self.symbols)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The symbol of each token."""
        return self.special + self.symbols

    @cached_property
    def places(self) -> dict[str, int]:
        """The token of each symbol."""
        return {symbol: place for place, symbol in enumerate(self.names)}

    def encode(self, symbols: Iterable[str]) -> list[int]:
        """The tokens of ``symbols``. Raises ValueError, which names the first that is not known and its place."""
        tokens = []
        for place, symbol in enumerate(symbols, 1):
            if symbol not in self.places or symbol in self.special:
                raise ValueError(
                    f"{named(symbol)}, at place {place}, is not one of the {self.noun} that the model knows"
                )
            tokens.append(self.places[symbol])
        return tokens

    def decode(self, tokens: Sequence[int]) -> list[str]:
        """The symbols of ``tokens`` up to the first end, without special symbols."""
        known = [self.names[token] for token in tokens]
        if ENDS[END] in known:
            known = known[: known.index(ENDS[END])]
        return [symbol for symbol in known if symbol not in self.special]


def named(symbol: str) -> str:
    """``symbol`` in quotation marks; a character outside ASCII also with its name in Unicode."""
    short = symbol if len(symbol) <= 12 else f"{symbol[:12]}…"
    if len(symbol) == 1 and not symbol.isascii():
        return f"“{short}” ({unicodedata.name(symbol, 'a character without a name').lower()})"
    return f"“{short}”"
