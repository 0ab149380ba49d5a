"""The sidebar: the functions or networks that are compared, and the other settings of each view."""

import math
from typing import Any

import streamlit as st

from engine.activations import Scheme, Unit
from engine.activations.own import OWN
from engine.activations.sequence_spec import Learner
from engine.activations.units import CHOICES, names
from engine.numerals import write_number
from pages.ui import PageState, control, controls, number_box, plain
from pages.ui.controls import dot


def function_settings(state: PageState) -> None:
    """Draw the settings of the view "Functions"."""
    st.markdown("**Functions**")
    _rows(state, "units")
    _add(state, "units", Unit)
    _own(state, [unit.activation for unit in state.settings.units])
    control(state, "threshold")
    with st.expander("Seed"):
        control(state, "seed")


def depth_settings(state: PageState) -> None:
    """Draw the settings of the view "Through depth"."""
    st.markdown("**Networks**")
    _rows(state, "schemes")
    _add(state, "schemes", Scheme)
    _own(state, [*(scheme.activation for scheme in state.settings.schemes), state.settings.other])
    control(state, "depth")
    controls(state, "width", "last", "input_scale")
    with st.expander("Inputs, batch, draws"):
        controls(state, "inputs", "batch", "draws", "rate", "threshold", "seed")
    with st.expander("One layer differs"):
        controls(state, "other_layer", "other")


def training_settings(state: PageState) -> None:
    """Draw the settings of the view "Training"."""
    st.markdown("**Networks**")
    _rows(state, "schemes")
    _add(state, "schemes", Scheme)
    _own(state, [scheme.activation for scheme in state.settings.schemes])
    control(state, "depth")
    controls(state, "width", "last")
    st.markdown("**Training of all**")
    controls(state, "data", "optimizer", "lr", "steps", "seeds")
    with st.expander("Batch, threshold, seeds"):
        controls(state, "batch", "threshold", "order", "seed")


def signals_settings(state: PageState) -> None:
    """Draw the settings of the view "Signals"."""
    control(state, "network")
    st.markdown("**Networks**")
    _rows(state, "learners")
    _add(state, "learners", Learner)
    _own(state, [learner.activation for learner in state.settings.learners])
    controls(state, "depth", "width", "steps", "seeds")
    with st.expander("Batch, seed"):
        controls(state, "batch", "seed")


def plane_settings(state: PageState) -> None:
    """Draw the settings of the view "Order and chaos"."""
    st.markdown("**Activation**")
    unit = state.settings.unit[0]
    control(state, "unit", 0, "activation", hidden=True)
    _parameter(state, unit, "unit", 0)
    _own(state, [unit.activation])
    controls(state, "depth", "width", "draws", "seed")


def following(now: Any, **changes: float) -> dict[str, Any]:
    """Choose a network on the plane. The first network of the view "Through depth" becomes the same."""
    weight, bias = (changes.get(name, getattr(now, name)) for name in ("weight", "bias"))
    unit = now.unit[0]
    first = Scheme(
        activation=unit.activation,
        a=unit.a,
        initializer="lecun_normal",
        gain=math.sqrt(weight),
        bias_spread=math.sqrt(bias),
    )
    return {**changes, "schemes": (first, *now.schemes[1:])}


def _own(state: PageState, chosen: list[str]) -> None:
    """Draw the box for the visitor's own function, if it is chosen, and what was understood."""
    if OWN in chosen:
        control(state, "formula")
        st.latex(f"f(z) = {Unit(activation=OWN).function(state.settings.formula).formula}")


def _rows(state: PageState, field: str) -> None:
    """Draw a row for each member of ``field``. A click on its name opens its settings."""
    members = getattr(state.settings, field)
    for index, (member, label) in enumerate(zip(members, names(members), strict=True)):
        colour = member.function(state.settings.formula).colour
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"lab-row-{field}{index}"):
            st.html(dot(colour), width="content")
            with st.popover(
                f"**{plain(label)}**",
                icon=":material/tune:",
                key=f"{state.name}/{field}{index}",
                on_change=state.answer,
                type="tertiary",
            ) as settings:
                if settings.open:
                    _settings(state, field, index)


def _settings(state: PageState, field: str, index: int) -> None:
    """Draw the settings of one function or network."""
    member = getattr(state.settings, field)[index]
    function = member.function(state.settings.formula)
    control(state, field, index, "activation")
    st.latex(f"f(z) = {function.formula}")
    title, address = function.source
    st.caption(f"{function.about} [{title}]({address})" if address else function.about)
    _parameter(state, member, field, index)
    for name in type(member).model_fields:
        if name not in ("kind", "activation", "a"):
            control(state, field, index, name)
    if len(getattr(state.settings, field)) > 1:

        def removed(now: Any) -> dict[str, Any]:
            st.session_state[f"{state.name}/{field}{index}"] = False  # else it would show the settings of the next one
            members = getattr(now, field)
            return {field: members[:index] + members[index + 1 :]}

        key = f"{state.name}/{field}-gone{index}"
        st.button("Remove", icon=":material/delete:", key=key, on_click=state.callback(removed))


def _parameter(state: PageState, unit: Unit, *path: str | int) -> None:
    """Draw the box for the parameter of ``unit``, if its function has one."""
    shape = unit.function(state.settings.formula).shape
    if shape is None:
        return
    info, place = Unit.model_fields["a"], (*path, "a")
    draft, value = state.draft(place), shape.a
    number_box(
        info.title or "",
        draft[0] if draft else write_number(value),
        state.key(place, "box"),
        lambda text: state.enter(place, text, False),
        lambda steps: state.change(place, value + 0.05 * steps),
        info.description or "",
    )
    if draft:
        st.error(plain(draft[1]))


def _add(state: PageState, field: str, kind: type[Unit]) -> None:
    key = f"{state.name}/{field}-add"

    def added(now: Any) -> dict[str, Any]:
        name = st.session_state[key]
        st.session_state[key] = None
        return {field: (*getattr(now, field), kind(activation=name))} if name else {}

    st.selectbox(
        "Add an activation",
        list(CHOICES),
        index=None,
        format_func=CHOICES.__getitem__,
        placeholder="Add an activation",
        label_visibility="collapsed",
        key=key,
        on_change=state.callback(added),
    )
