"""A box into which a number is typed, with a button on each side that makes a step.

Streamlit's own box drops a decimal comma in the browser: 0,5 becomes 5. This box sends what was typed as it is, and
``engine.numerals`` reads it.
"""

import math
from collections.abc import Callable

import streamlit as st

from engine.fields import six_digits
from pages.ui.assets import component


def number_box(
    label: str,
    text: str,
    key: str,
    typed: Callable[[str], None],
    moved: Callable[[int], None],
    about: str = "",
    hidden: bool = False,
) -> None:
    """Show a box with ``text``. ``key`` identifies it across reruns.

    typed: called with the text that the visitor entered. moved: called with the number of steps, negative for less.
    about: a sentence of help, or "". hidden: only screen readers get the label.
    """

    def forward() -> None:
        now = st.session_state[key]
        if now.typed is not None:
            typed(now.typed)
        elif now.moved is not None:
            moved(int(now.moved))

    data = {"label": label, "hidden": hidden, "about": about, "text": text}
    component("number")(key=key, data=data, on_typed_change=forward, on_moved_change=forward)


def stepped(value: float, steps: int, low: float, high: float) -> float:
    """``value`` after ``steps`` steps, within the bounds. A step of an int is 1.

    A step of a float changes its first digit, or for a decay rate near 1 the first digit of 1 - value.
    """
    if isinstance(value, int):
        return int(min(max(value + steps, low), high))
    digit = min(abs(value), 0.1 * (1 - value)) if high <= 1 and 0.5 <= value < 1 else abs(value)
    step = 10.0 ** math.floor(math.log10(digit)) if value else 0.1
    return min(max(six_digits(value + steps * step), low), high)
