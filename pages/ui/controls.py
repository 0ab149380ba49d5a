"""Widgets read off a spec's fields: bounds, title, unit and help come from the field, the kind from its type."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from engine.fields import choices, describe
from pages.ui.desk import Desk, Path

GRID = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
"""Stops of a logarithmic slider in each decade."""


def control(
    desk: Desk[Any],
    *path: str | int,
    label: str | None = None,
    hidden: bool = False,
    slider: bool = False,
    segmented: bool = False,
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """The widget for the field at ``path``, with the reason below it where the spec refused what was entered.

    label: shown instead of the field's title; where ``hidden``, it serves screen readers alone.
    slider: a slider where a box is not wanted, logarithmic for a float.
    segmented: a choice stands open, side by side. names: of options whose key will not do; of all options
    where the field's type does not list them.
    """
    owner: Any = desk.spec
    for part in path[:-1]:
        owner = owner[part] if isinstance(part, int) else getattr(owner, part)
    name = str(path[-1])
    info = type(owner).model_fields[name]
    common: dict[str, Any] = {
        "label": label or info.title or name.replace("_", " "),
        "label_visibility": "collapsed" if hidden else "visible",
        "help": None if hidden else describe(info) or None,
    }
    _draw(desk, path, info, getattr(owner, name), common, slider, segmented, names)
    draft = desk.draft(path)
    if draft:
        st.error(plain(draft[1]))


def _draw(
    desk: Desk[Any],
    path: Path,
    info: FieldInfo,
    value: Any,
    common: dict[str, Any],
    slider: bool,
    segmented: bool,
    names: Mapping[str, str],
) -> None:
    kind = info.annotation
    low, high = bounds(info)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    common |= desk.widget(path, value, "slider" if slider else "box")
    listed = choices(info) or (dict(names) if kind is str else {})
    if options := {key: names.get(key, label) for key, label in listed.items()}:
        common |= {"options": list(options), "format_func": options.__getitem__}
        if segmented:
            st.segmented_control(required=True, **common)
        else:
            st.selectbox(**common)
    elif kind is bool:
        st.toggle(**common)
    elif kind is int:
        draw = st.slider if slider else st.number_input
        draw(min_value=int(low), max_value=int(high), step=1, **common)
    elif kind is float and slider:
        stops = sorted({*logarithmic(low, high), value})
        st.select_slider(options=stops, format_func=lambda stop: f"{stop:g}", **common)
    elif kind is float:
        # A click moves the first digit, of 1 - value where it is decay rates near 1 that matter.
        digit = min(abs(value), 0.1 * (1 - value)) if high <= 1 and 0.5 <= value < 1 else abs(value)
        step = 10.0 ** math.floor(math.log10(digit)) if value else 0.1
        st.number_input(value=None, min_value=low, max_value=high, step=step, format="%g", **common)
    else:
        st.text_input(**common)


def bounds(info: FieldInfo) -> tuple[float, float]:
    """The least and greatest value a number field may take; an open bound is moved inside, by less than matters."""
    low, high = -1e6, 1e6
    for rule in info.metadata:
        low = getattr(rule, "ge", low)
        high = getattr(rule, "le", high)
        if hasattr(rule, "gt"):
            low = rule.gt + 1e-12 if rule.gt == 0 else rule.gt * (1 + 1e-6)
        if hasattr(rule, "lt"):
            high = rule.lt * (1 - 1e-6)
    return float(low), float(high)


def logarithmic(low: float, high: float) -> list[float]:
    """A slider's stops between the bounds, at most from 1e-6 to 10,000."""
    decades = range(max(math.floor(math.log10(low)), -6), min(math.ceil(math.log10(high)), 4) + 1)
    stops = (float(f"{mantissa}e{decade}") for decade in decades for mantissa in GRID)
    return [stop for stop in stops if low <= stop <= high]


def plain(text: str) -> str:
    """Untrusted text for places that render Markdown: shown letter by letter."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+-.!|~$:^" else letter for letter in text)


def dot(colour: str) -> str:
    """An optimizer's colour beside its name, as HTML."""
    return f'<span class="lab-dot" style="background:{colour}"></span>'
