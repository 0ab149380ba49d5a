"""The settings of a race: the surface, the optimizers, and how long they run."""

from typing import Any

import streamlit as st

from engine.fields import choices
from engine.numerals import read_number, write_number
from engine.optimizers import CATALOGUE
from engine.surfaces import FAMILIES, DescentSpec, fitted
from pages.ui import PageState, choose_lanes, control, controls, number_box


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
        st.latex(f"f = {state.settings.place().formula}")


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
    place = "xy".index(axis)

    def moved(now: DescentSpec, value: float) -> dict[str, Any]:
        x, y = now.origin()
        return {"start": (x, value) if place else (value, y)}

    number_box(
        f"Start {axis}",
        write_number(state.settings.origin()[place]),
        f"{state.name}/start-{axis}",
        state.callback(lambda now, text: moved(now, read_number(text))),
        state.callback(lambda now, steps: moved(now, now.origin()[place] + 0.1 * steps)),
    )
