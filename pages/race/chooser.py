"""The choice of a race: start the visitor's own at once, watch a recorded one, or begin with a preset."""

from typing import Any

import streamlit as st

from engine.optimizers.layered import LOCOPROP, LocoPropLane
from engine.race import RaceSpec
from engine.race.recorded import PRESETS, RECORDINGS
from pages.race.own import fresh
from pages.race.settings import OWN
from pages.ui import PageState

LOCOPROP_IN_SHORT = (
    "In LocoProp every layer solves a small problem of its own on each batch. LocoProp-M uses the loss that the "
    "layer's transfer function induces, LocoProp-S the squared loss. One LocoProp step costs as much as several Adam "
    f"steps, so compare by the clock and not only per epoch. Lower is better. [{LOCOPROP[0]}]({LOCOPROP[1]})"
)


def choose(state: PageState) -> None:
    """Draw the button that starts a race at once, and a pill for each recording and preset."""
    own = state.settings.show == OWN
    choices: dict[str, dict[str, Any]] = {recording.title: {"show": key} for key, recording in RECORDINGS.items()} | {
        preset.title: dict(preset.spec) | {"show": OWN} for preset in PRESETS
    }
    key = f"{state.name}/preset"
    st.session_state[key] = next((title for title, fields in choices.items() if _is(state.settings, fields)), None)

    def started(_: Any) -> dict[str, Any]:
        st.session_state[f"{state.name}/start"] = True
        return dict(fresh(RaceSpec())) | {"show": OWN}

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Race now: two minutes",
            type="secondary" if own else "primary",
            icon=":material/play_arrow:",
            on_click=state.callback(started),
        )
        st.pills(
            "Races",
            list(choices),
            label_visibility="collapsed",
            key=key,
            on_change=state.callback(lambda _: choices.get(st.session_state[key], {})),
        )
    for preset in PRESETS:
        if preset.title == st.session_state[key]:
            st.markdown(preset.look_for)
    if own and any(isinstance(lane, LocoPropLane) for lane in state.settings.lanes):
        st.markdown(LOCOPROP_IN_SHORT)


def _is(settings: Any, fields: dict[str, Any]) -> bool:
    return all(getattr(settings, name) == value for name, value in fields.items())
