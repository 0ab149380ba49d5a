"""The home page: what the lab is, its pages, and the machine that it runs on."""

import streamlit as st

from engine.devices import device_name
from engine.figures.surfaces import map_figure
from engine.surfaces import DescentSpec, PlaceSpec
from engine.surfaces.experiments import DESCENT, LANDMARKS, TERRAIN
from pages.ui import chart, computed
from pages.ui.assets import ASSETS
from pages.ui.menu import ENTRIES, Entry, link_to

CARDS = 3
"""How many cards stand side by side."""


def page() -> None:
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        st.title("Gradient Lab")
        st.markdown(
            "See *why* a network trains, or does not. Every number is computed by the engine while you watch, every "
            "experiment is a link, and every result leaves as data or as a script that repeats it."
        )
        st.caption(f"Computing on {device_name()}.")
    with right:
        place = PlaceSpec()
        race = map_figure(computed(DESCENT, DescentSpec()), computed(TERRAIN, place), computed(LANDMARKS, place))
        chart(race, "home-race", height=340)
    topics = ENTRIES[1:]
    for first in range(0, len(topics), CARDS):
        for column, entry in zip(st.columns(CARDS), topics[first : first + CARDS], strict=False):
            with column:
                card(entry)


def card(entry: Entry) -> None:
    """Draw the card of one page: its picture, its name as a link, and what a visitor can do there."""
    with st.container(border=True):
        if entry.picture:
            st.markdown(f"![{entry.about}]({ASSETS}/{entry.picture})")
        link_to(entry, f"**{entry.title}**")
        st.caption(entry.about)
