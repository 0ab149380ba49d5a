"""LocoProp's local problems: the losses that transfer functions induce, and what a composed problem recovers."""

from typing import Any

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from engine.figures.race import induced_figure
from engine.nn import TRANSFERS
from engine.optimizers.layered import LocoPropLane
from engine.race.local import LANES, TARGETS, induced, problem, recovers
from pages.ui import PageState, chart, control

SPAN = (-4.0, 4.0)
"""The range of pre-activations that is drawn."""

POINTS = 321

ADDED = "race/added"

DRAWN = {name: transfer for name, transfer in TRANSFERS.items() if not transfer.coupled and name != "identity"}
"""The transfer functions whose losses are drawn. The identity's loss is the squared loss, which is always drawn."""


def curves(target: float) -> dict[str, pd.DataFrame]:
    """The losses around ``target`` that each transfer function in ``DRAWN`` induces."""
    return {name: induced(transfer, target, *SPAN, POINTS) for name, transfer in DRAWN.items()}


def local_losses(state: PageState) -> None:
    """Draw the induced losses around a target, which a click moves, and the controls that compose a local problem."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        move = state.callback(lambda now, x, y: {"target": min(max(x, SPAN[0]), SPAN[1])})
        chart(
            induced_figure(state.settings.target, curves(state.settings.target)),
            "race-induced",
            height=360,
            picked=move,
        )
        control(state, "target")
        st.caption(
            "The loss that each transfer function induces on a unit's pre-activation. It is flat where the output does "
            "not react. The loss of ReLU is zero while pre-activation and target are both below zero. The losses of "
            "tanh and the sigmoid grow only linearly far from the target. Click to move the target."
        )
    with right:
        st.markdown("**Compose a local algorithm**")
        control(state, "composed")
        control(state, "inner")
        control(state, "regularizer")
        if state.settings.inner != "exact":
            control(state, "local_steps")
            control(state, "local_schedule")
        control(state, "gamma")
    recovered(state)


def recovered(state: PageState) -> None:
    """Show the algorithm that the composition gives, and its name if it is a known one."""
    if st.session_state.pop(ADDED, False):
        st.rerun()  # the whole page: this may run in the fragment that watches a race, and the race has changed
    try:
        lane = composed(state.settings)
    except ValidationError:
        matching = "The matching loss has no exact solution: choose the squared loss, or an optimizer that takes steps."
        squared = "The squared loss has an exact solution only if the regularizer is above zero."
        st.info(matching if state.settings.composed == "matching" else squared)
        return
    st.latex(TARGETS[lane.local_loss])
    st.latex(problem(lane))
    known = recovers(lane)
    if known is None:
        st.markdown("**LocoProp with these settings**: no other known algorithm takes the same steps.")
    else:
        st.markdown(f"**{known.name}**")
        st.latex(known.formula)
        sources = " · ".join(f"[{title}]({address})" for title, address in known.sources)
        st.caption(f"{known.sentence} {sources}")
    inside = lane in state.settings.lanes
    st.button(
        "It is in my race" if inside else "Add it to my race",
        icon=":material/check:" if inside else ":material/add:",
        disabled=inside,
        on_click=add,
        args=(state,),
        key="race/compose",
    )


def add(state: PageState) -> None:
    """Add the composed algorithm to the visitor's race."""
    state.callback(lambda now: {"lanes": (*now.lanes, composed(now)), "show": "own"})()
    st.session_state[ADDED] = True


def composed(settings: Any) -> LocoPropLane:
    """The composed algorithm. Raises pydantic.ValidationError if its local problem has no solution."""
    return LANES[settings.composed](
        regularizer=settings.regularizer,
        inner=settings.inner,
        steps=settings.local_steps,
        local_schedule=settings.local_schedule,
        gamma=settings.gamma,
    )
