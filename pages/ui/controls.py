"""Widgets made from a spec's fields: a field gives bounds, title, unit, options and help; its type gives the widget."""

import math
from typing import Annotated, Any, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from engine.fields import bounds, choices, describe, widget
from engine.numerals import write_number
from pages.ui.number_box import number_box, stepped
from pages.ui.page_state import PageState, Path

GRID = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""The values of a logarithmic slider in the decade from 1 to 10. Other decades have the same, times a power of ten."""

STEPS = 200
"""The number of steps of a linear slider for a real number."""

LEAST, MOST = 1e-6, 1e4
"""The ends of a logarithmic slider, if the field's bounds are not narrower."""


def control(
    state: PageState,
    *path: str | int,
    label: str | None = None,
    hidden: bool = False,
    box: bool = False,
) -> None:
    """Draw the widget for the field at ``path``. If the settings refused an entry, the reason stands below the widget.

    label: shown instead of the field's title. hidden: only screen readers get the label.
    box: draw a box to type into, even if the field asks for a slider.
    """
    owner: Any = state.settings
    for part in path[:-1]:
        owner = owner[part] if isinstance(part, int) else getattr(owner, part)
    name = str(path[-1])
    info = type(owner).model_fields[name]
    common: dict[str, Any] = {
        "label": label or info.title or name.replace("_", " "),
        "label_visibility": "collapsed" if hidden else "visible",
        "help": None if hidden else describe(info) or None,
    }
    _draw(state, path, info, getattr(owner, name), common, "box" if box else widget(info))
    draft = state.draft(path)
    if draft:
        st.error(plain(draft[1]))


def controls(state: PageState, *names: str) -> None:
    """Draw the widgets of several fields, one after another."""
    for name in names:
        control(state, name)


def _draw(
    state: PageState,
    path: Path,
    info: FieldInfo,
    value: Any,
    common: dict[str, Any],
    style: str,
) -> None:
    kind = info.annotation
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    low, high = bounds(info)
    if kind in (int, float) and style == "box":
        draft, key = state.draft(path), state.key(path, style)
        number_box(
            common["label"],
            draft[0] if draft else write_number(value),
            key,
            lambda text: state.enter(path, text, kind is int),
            lambda steps: state.change(path, stepped(value, steps, low, high)),
            common["help"] or "",
            common["label_visibility"] == "collapsed",
        )
        return
    common |= state.widget(path, value, style)
    if options := choices(info):
        common |= {"options": list(options), "format_func": options.__getitem__}
        if style == "segmented":
            st.segmented_control(required=True, **common)
        else:
            st.selectbox(**common)
    elif kind is bool:
        st.toggle(**common)
    elif kind is int:
        st.slider(min_value=int(low), max_value=int(high), step=1, **common)
    elif kind is float and style == "slider":
        st.slider(min_value=low, max_value=high, step=(high - low) / STEPS, **common)
    elif kind is float and style == "log-slider":
        stops = sorted({*decades(low, high), value})
        st.select_slider(options=stops, format_func=lambda stop: f"{stop:g}", **common)
    else:
        st.text_input(**common)


def decades(low: float, high: float) -> list[float]:
    """The values of a logarithmic slider between the bounds, within ``LEAST`` and ``MOST``. 0 can be chosen too if
    the bounds allow it."""
    first, last = (math.floor(math.log10(end)) for end in (max(low, LEAST), min(high, MOST)))
    stops = (float(f"{mantissa}e{decade}") for decade in range(first, last + 1) for mantissa in GRID)
    return [*([0.0] if low <= 0 else []), *(stop for stop in stops if low <= stop <= high)]


def plain(text: str) -> str:
    """``text``, which is not trusted, with its Markdown characters escaped: a page shows it as it is."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+-.!|~$:^" else letter for letter in text)


def dot(colour: str) -> str:
    """A dot in a lane's colour, as HTML."""
    return f'<span class="lab-dot" style="background:{colour}"></span>'
