"""A network with five faults. The visitor predicts what a repair does, repairs it, and sees the training again."""

import streamlit as st

from engine.activations.experiments import REPAIR
from engine.activations.finding import EXPECTED, repair_change
from engine.activations.repair import FAULTS, Ladder
from engine.activations.training_spec import REPAIRS, RepairSpec
from engine.figures.activations import ladder_figure, repair_figure
from pages.ui import Column, PageState, chart, computed, controls, plain, table

GUESS, BEFORE = "activations/guess", "activations/before"
"""Where the session keeps what the visitor expects of the next repair, and the network before the last one."""

RUNGS = (
    Column("repaired", "Repaired, one on the other"),
    Column("start", "Loss at the start", ".4g"),
    Column("end", "After the training", ".4g"),
    Column("right", "Accuracy", ".0%"),
)


def repair(state: PageState, found: Ladder) -> None:
    """Draw the view "Repair it"."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(repair_figure(found), "activations-repair", height=400)
        st.caption(
            f"Four layers, ReLU and tanh by turns, trained by gradient descent. Dashed: ln {found.classes} = "
            f"{found.chance:.3f}, the loss of guessing, where a network should start."
        )
    with right:
        st.segmented_control(
            "What will your next repair do to the loss after the training?",
            EXPECTED,
            key=GUESS,
            on_change=state.answer,
        )
        for name in REPAIRS:
            _switch(state, name)
        _compare(found)
    with st.expander("The whole ladder"):
        chart(ladder_figure(found), "activations-ladder", height=360)
        table(found.steps(), RUNGS, "activations-rungs", "The ladder of repairs")


def repair_settings(state: PageState) -> None:
    """Draw the sidebar: how the network is trained."""
    st.markdown("**Training**")
    controls(state, "data", "lr", "steps", "seed")


def _switch(state: PageState, name: str) -> None:
    """Draw the switch of one repair. It remembers the network before it."""
    info = RepairSpec.model_fields[name]
    key = f"activations/repair/{name}"
    st.session_state[key] = getattr(state.settings, name)

    def switched() -> None:
        st.session_state[BEFORE] = (state.settings, st.session_state.get(GUESS))
        st.session_state[GUESS] = None
        state.change((name,), st.session_state[key])

    st.toggle(f"{info.title} ({FAULTS[name]})", key=key, help=info.description, on_change=switched)


def _compare(found: Ladder) -> None:
    """Say what the last repair did, and whether it was expected."""
    if BEFORE not in st.session_state:
        return
    before, guess = st.session_state[BEFORE]
    if before.but(**{name: getattr(found.spec, name) for name in REPAIRS}) == found.spec != before:
        st.info(plain(repair_change(computed(REPAIR, before), found, guess)))
