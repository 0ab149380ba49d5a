"""LocoProp's local problems: the losses that transfer functions induce, what a composition recovers, the timeline."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from engine.figures.local import COLOURS, induced_figure, timeline_figure
from engine.nn import TRANSFERS
from engine.race import RaceSpec
from engine.race.local import induced, recovers
from engine.race.timeline import timeline
from pages.ui.chart import chart
from pages.ui.controls import control
from pages.ui.desk import Desk

SPAN = (-4.0, 4.0)
"""Pre-activations that are drawn."""

POINTS = 321

ADDED = "race/added"

DRAWN = [name for name in COLOURS if name != "identity"]


def local_losses(desk: Desk[Any]) -> None:
    """The induced losses around a target that a click moves, and beside them a local problem to compose."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        curves = {name: induced(TRANSFERS[name], desk.spec.target, *SPAN, POINTS) for name in DRAWN}
        move = desk.callback(lambda now, x, y: now.but(target=min(max(x, SPAN[0]), SPAN[1])))
        chart(induced_figure(curves), "race-induced", height=360, picked=move)
        control(desk, "target", slider=False)
        st.caption(
            "The loss that each transfer function induces on a unit's pre-activation. Flat where the output does not "
            "react: ReLU's is zero while both lie below zero, tanh's and the sigmoid's grow only linearly far out. "
            "Click to move the target."
        )
    with right:
        st.markdown("**Compose a local algorithm**")
        control(desk, "composed", segmented=True, names={"matching": "Matching", "squared": "Squared"})
        control(desk, "inner", names={"sgd": "Gradient descent", "rmsprop": "RMSprop (TensorFlow's)", "exact": "Exact"})
        control(desk, "regularizer")
        if desk.spec.inner != "exact":
            control(desk, "local_steps", slider=True)
            control(desk, "local_schedule", segmented=True)
        control(desk, "gamma")
    recovered(desk)


def recovered(desk: Desk[Any]) -> None:
    """The algorithm that the composition is, by name where it has one."""
    if st.session_state.pop(ADDED, False):
        st.rerun()  # all of the page: this may be the part of it that watches a race, which now is another
    try:
        composition = desk.spec.composition()
    except ValidationError:
        matching = "Nothing solves the matching loss exactly: choose the squared one, or an optimizer that takes steps."
        squared = "The squared loss is solved exactly where a regularizer above zero holds the weights."
        st.info(matching if desk.spec.composed == "matching" else squared)
        return
    st.latex(composition.target)
    st.latex(composition.problem)
    known = recovers(composition)
    if known is None:
        st.markdown("**LocoProp with settings of its own**: no other algorithm is known to take these steps.")
    else:
        st.markdown(f"**{known.name}**")
        st.latex(known.formula)
        sources = " · ".join(f"[{title}]({address})" for title, address in known.sources)
        st.caption(f"{known.sentence} {sources}")
    inside = composition.lane() in desk.spec.lanes
    st.button(
        "It is in my race" if inside else "Add it to my race",
        icon=":material/check:" if inside else ":material/add:",
        disabled=inside,
        on_click=add,
        args=(desk,),
        key="race/compose",
    )


def add(desk: Desk[Any]) -> None:
    """Let what is composed take part in the visitor's race."""
    desk.callback(lambda now: now.but(lanes=(*now.lanes, now.composition().lane()), show="own"))()
    st.session_state[ADDED] = True


def local_timeline(spec: RaceSpec, steps: int) -> None:
    """When the layers' problems of one LocoProp step can be solved."""
    work = timeline(spec.units(), spec.batch, steps)
    chart(timeline_figure(work), "race-timeline", height=430)
    st.caption(
        "One step's work, in gradients of a batch. After one forward and one backward pass no layer waits for another: "
        f"with a device for each, the step would be up to {work.speedup:.2f} times as fast. Here they run in turn."
    )
