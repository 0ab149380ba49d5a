"""The settings of a race: the surface, the optimizers, and how long they run."""

from typing import Any

import streamlit as st

from engine.fields import choices
from engine.optimizers import CATALOGUE
from engine.surfaces import FAMILIES, DescentSpec, fitted
from pages.ui import PageState, choose_lanes, control, controls


def sidebar(state: PageState) -> None:
    """Draw all settings of a race."""
    choose_surface(state)
    choose_optimizers(state)
    choose_run(state)


def choose_surface(state: PageState) -> None:
    """Draw the choice of a surface, and the settings of a surface that has any."""
    names = choices(DescentSpec.model_fields["surface"])
    key = f"{state.name}/surface"
    st.session_state[key] = state.settings.surface
    st.selectbox(
        "Surface",
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=state.callback(lambda now: moved(now, st.session_state[key])),
    )
    if family := FAMILIES.get(state.settings.surface):
        controls(state, *family.settings)


def moved(now: DescentSpec, surface: str) -> dict[str, Any]:
    """Change to another surface, with its own start and suitable rates: the old start and rates mean nothing there."""
    there = now.but(surface=surface, start=None)
    return {"surface": surface, "start": None} | refitted(there)


def refitted(now: DescentSpec) -> dict[str, Any]:
    """The suggested rate for each optimizer."""
    return {"lanes": fitted(now.lanes, now.place(), now.origin())}


def choose_optimizers(state: PageState) -> None:
    """Draw the lanes, and a button that suggests a rate for each lane."""
    choose_lanes(state, CATALOGUE, lambda now, lane: fitted((lane,), now.place(), now.origin())[0], schedules=True)
    st.button(
        "Suggest rates",
        help="A cautious learning rate for each optimizer, from the curvature and the size of this surface",
        type="tertiary",
        icon=":material/auto_fix_high:",
        on_click=state.callback(refitted),
    )


def choose_run(state: PageState) -> None:
    """Draw the settings of a run: its length, its start, its stop rule and its noise."""
    control(state, "steps")
    with st.expander("Start, stopping, noise"):
        for column, axis in zip(st.columns(2), "xy", strict=True):
            with column:
                start_box(state, axis)
        controls(state, "stop", *(["epsilon"] if state.settings.stop != "never" else []), "tolerance", "noise")
        if state.settings.noise:
            control(state, "seed")


def start_box(state: PageState, axis: str) -> None:
    """Draw the box for one coordinate of the start, which a click on the surface sets too."""

    def typed(now: DescentSpec) -> dict[str, Any]:
        x, y = now.origin()
        value = st.session_state[key]
        return {"start": (value, y) if axis == "x" else (x, value)}

    key = f"{state.name}/start-{axis}"
    st.session_state[key] = state.settings.origin()["xy".index(axis)]
    st.number_input(f"Start {axis}", step=0.1, format="%g", key=key, on_change=state.callback(typed))
