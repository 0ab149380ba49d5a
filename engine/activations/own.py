"""The activation function of a visitor's own formula in z."""

from functools import lru_cache

from engine.formula import parse_formula
from engine.nn import Activation

OWN = "own"
"""The name of the visitor's own function among the activations."""

COLOUR = "#c2567f"


@lru_cache(maxsize=64)
def own(formula: str) -> Activation:
    """The function that ``formula`` spells, a text in z. Raises FormulaError. The same text gives the same object."""
    read = parse_formula(formula, ("z",))
    return Activation(
        "Your own", read.f, read.formula, f"lambda z: {read.source}", "Your own function. Autograd gives its slope.",
        ("Your own formula", ""), colour=COLOUR,
    )  # fmt: skip
