"""The choice of a race: start the visitor's own at once, watch a recorded one, or begin with a preset."""

from dataclasses import replace
from typing import Any

import streamlit as st

from engine.experiment import Preset
from engine.optimizers.layered import LOCOPROP, LocoPropLane
from engine.race import RaceSpec, recorded
from pages.race.own import fresh
from pages.race.settings import OWN, OwnRace, Shown
from pages.ui import PageState, choose_preset, lesson

PRESETS: tuple[Preset[Any], ...] = (
    *(
        Preset(recording.title, recording.look_for, "", Shown(show=key), recording.question)
        for key, recording in recorded.RECORDINGS.items()
    ),
    *(replace(preset, spec=OwnRace(**dict(preset.spec), show=OWN)) for preset in recorded.PRESETS),
)
"""The recorded races, and those that are worth running."""

LOCOPROP_IN_SHORT = (
    "LocoProp gives every layer a small problem of its own on each batch, and solves it in several steps. Does this "
    "reach a lower loss? One of its steps costs as much as several of Adam's, so compare by seconds, not only per "
    f"epoch. [Amid et al. 2022]({LOCOPROP[1]})"
)


def choose(state: PageState) -> None:
    """Draw the button that starts a race at once, and a pill for each recording and preset."""
    own = state.settings.show == OWN

    def start() -> None:
        st.session_state[f"{state.name}/start"] = True
        state.callback(lambda _: dict(fresh(RaceSpec())) | {"show": OWN})()
        state.guide_by(lesson="", said="", told="")

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lab-line-start"):
        st.button(
            "Race now: two minutes",
            type="secondary" if own else "primary",
            icon=":material/play_arrow:",
            on_click=start,
        )
        choose_preset(state)
    if own and not lesson(state) and any(isinstance(lane, LocoPropLane) for lane in state.settings.lanes):
        st.markdown(LOCOPROP_IN_SHORT)
