"""A recorded race: the machine where it ran, and the button that copies its settings into the visitor's own race."""

import streamlit as st

from engine.race import Race
from engine.race.experiments import RACE
from engine.race.recorded import RECORDINGS
from pages.race.own import task_of
from pages.race.race_view import below, race_view
from pages.race.settings import OWN
from pages.ui import PageState, look, show_others, take_away


def recorded_race(state: PageState) -> Race:
    """Draw a race that ships with the lab."""
    recording = RECORDINGS[state.settings.show]
    race, command = recording.replay()
    show_others(state, task_of(state.spec, "cpu"))
    race_view(state, race, f"“{recording.title}”")
    if look().waits:
        return race
    below(state, race)
    take_away(state, RACE, race.spec, race.table, command)
    start = race.start
    threads = f"{start['threads']} thread{'s' if start['threads'] > 1 else ''}"
    st.caption(
        f"{recording.settings} Recorded on {start['device']}, {threads}, torch {start['torch']}, "
        f"Python {start['python']}; {start['source']}. Repeat it: `{command}`"
    )
    return race


def recorded_settings(state: PageState) -> None:
    """Draw the sidebar beside a recorded race."""
    race, _ = RECORDINGS[state.settings.show].replay()
    st.markdown("**A recorded race**")
    st.caption("This is a recording. Copy its settings into a race of your own to change them.")
    st.button(
        "Copy these settings",
        icon=":material/tune:",
        on_click=state.callback(lambda _: dict(race.spec) | {"show": OWN}),
    )
