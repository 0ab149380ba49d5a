"""LocoProp's local problems: the losses that transfer functions induce, and what a composition recovers."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from engine.figures.local import COLOURS, induced_figure
from engine.nn import TRANSFERS
from engine.race.local import TARGETS, Composition, induced, recovers
from pages.ui import PageState, chart, control

SPAN = (-4.0, 4.0)
"""Pre-activations that are drawn."""

POINTS = 321

ADDED = "race/added"

DRAWN = [name for name in COLOURS if name != "identity"]


def local_losses(state: PageState) -> None:
    """The induced losses around a target that a click moves, and beside them a local problem to compose."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        curves = {name: induced(TRANSFERS[name], state.settings.target, *SPAN, POINTS) for name in DRAWN}
        move = state.callback(lambda now, x, y: {"target": min(max(x, SPAN[0]), SPAN[1])})
        chart(induced_figure(state.settings.target, curves), "race-induced", height=360, picked=move)
        control(state, "target")
        st.caption(
            "The loss that each transfer function induces on a unit's pre-activation. Flat where the output does not "
            "react: ReLU's is zero while both lie below zero, tanh's and the sigmoid's grow only linearly far out. "
            "Click to move the target."
        )
    with right:
        st.markdown("**Compose a local algorithm**")
        control(state, "composed", segmented=True)
        control(state, "inner")
        control(state, "regularizer")
        if state.settings.inner != "exact":
            control(state, "local_steps", slider=True)
            control(state, "local_schedule", segmented=True)
        control(state, "gamma")
    recovered(state)


def recovered(state: PageState) -> None:
    """The algorithm that the composition is, by name where it has one."""
    if st.session_state.pop(ADDED, False):
        st.rerun()  # all of the page: this may be the part of it that watches a race, which now is another
    try:
        composition = composition_of(state.settings)
    except ValidationError:
        matching = "Nothing solves the matching loss exactly: choose the squared one, or an optimizer that takes steps."
        squared = "The squared loss is solved exactly where a regularizer above zero holds the weights."
        st.info(matching if state.settings.composed == "matching" else squared)
        return
    st.latex(TARGETS[composition.local_loss])
    st.latex(composition.problem)
    known = recovers(composition)
    if known is None:
        st.markdown("**LocoProp with settings of its own**: no other algorithm is known to take these steps.")
    else:
        st.markdown(f"**{known.name}**")
        st.latex(known.formula)
        sources = " · ".join(f"[{title}]({address})" for title, address in known.sources)
        st.caption(f"{known.sentence} {sources}")
    inside = composition.lane() in state.settings.lanes
    st.button(
        "It is in my race" if inside else "Add it to my race",
        icon=":material/check:" if inside else ":material/add:",
        disabled=inside,
        on_click=add,
        args=(state,),
        key="race/compose",
    )


def add(state: PageState) -> None:
    """Let what is composed take part in the visitor's race."""
    state.callback(lambda now: {"lanes": (*now.lanes, composition_of(now).lane()), "show": "own"})()
    st.session_state[ADDED] = True


def composition_of(settings: Any) -> Composition:
    """The algorithm that is composed. Raises pydantic.ValidationError where it has no solution."""
    return Composition(
        settings.composed,
        settings.regularizer,
        settings.inner,
        settings.local_steps,
        settings.local_schedule,
        settings.gamma,
    )
