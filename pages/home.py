"""The home page: a race to play with, the topics, and the machine that it runs on."""

from typing import Any

import streamlit as st

from engine.devices import device_name
from engine.figures.surfaces import map_figure
from engine.optimizers import SGD, Adam, HeavyBall, RMSprop
from engine.spec import encode
from engine.surfaces import Descent, DescentSpec, PlaceSpec, finding, first
from engine.surfaces.experiments import DESCENT, LANDMARKS, TERRAIN
from pages.ui import chart, computed, named, plain
from pages.ui.assets import ASSETS
from pages.ui.chart import LOOK, Look
from pages.ui.menu import ENTRIES, Entry, link_to, page_of

CARDS = 3
"""How many cards stand side by side."""

RACE = DescentSpec(
    surface="himmelblau",
    start=(0, -1),
    lanes=(SGD(lr=0.0035), HeavyBall(lr=0.007), RMSprop(lr=0.14), Adam(lr=0.14)),
    steps=150,
)
"""The race on the page. Four minima are near its start, so a small move of the start changes who arrives where."""

START = "home/start"
"""Where the session keeps the start that the visitor chose."""

SAID = "home/said"
"""Where the session keeps the optimizer that the visitor expects to be first."""


def page() -> None:
    race = RACE.but(start=st.session_state.get(START, RACE.start))
    descent: Descent = computed(DESCENT, race)
    with st.container(key="lab-home"):
        left, right = st.columns([2, 3], gap="large")
    with left:
        st.title("Gradient Lab", anchor=False)
        st.markdown(
            "See *why* a network trains, or does not. Every number is computed while you watch, every experiment is a "
            "link, and you can download any result as data or a script."
        )
        ask(descent)
        surfaces = next(entry for entry in ENTRIES if entry.address == "surfaces")
        st.page_link(
            page_of(surfaces), label="Open this race and change it", icon=":material/arrow_forward:",
            query_params=encode(race),
        )  # fmt: skip
    st.session_state[LOOK] = Look(asks=not st.session_state.get(SAID))
    with right:
        place = race.only(PlaceSpec)
        figure = map_figure(descent, computed(TERRAIN, place), computed(LANDMARKS, place), "home")
        chart(figure, "home-race", height=360, picked=moved)
        st.caption("★ minimum, × saddle, ▲ maximum. f is the loss. Grey: the race before your click.")
    topics = ENTRIES[1:]
    for row in range(0, len(topics), CARDS):
        for column, entry in zip(st.columns(CARDS), topics[row : row + CARDS], strict=False):
            with column:
                card(entry)
    st.caption(f"Computing on {device_name()}.")


def ask(descent: Descent) -> None:
    """Draw the question. The answer is hidden until the visitor has chosen one, or has seen the race to its end."""
    labels = [run.label for run in descent.runs]
    st.markdown("**Which optimizer reaches a star first?** Say who, or watch. Click the map to start elsewhere.")
    said = st.pills("Which optimizer reaches a star first?", labels, label_visibility="collapsed", key=SAID)
    with st.container(key="lab-told" if said else "lab-until-the-end"), st.container(key="lab-finding"):
        st.markdown(
            f"{compared(descent, said) if said else ''} {named(plain(finding(descent)), labels)}",
            unsafe_allow_html=True,
        )


def compared(descent: Descent, said: str) -> str:
    """What the visitor said, and who arrived first."""
    winners = first(descent)
    if said in winners:
        return f"You said **{said}**, and so it was."
    came = f"It was **{' and '.join(winners)}**." if winners else "None arrives."
    return f"You said **{said}**. {came}"


def moved(x: float, y: float) -> None:
    st.session_state[START], st.session_state[SAID] = (x, y), None


def card(entry: Entry) -> None:
    """Draw the card of one page: its picture, its name, and what a visitor can do there. All of it is one link."""
    theme: Any = st.context.theme.type or "light"
    with st.container(border=True, key=f"lab-card-{entry.address}"):
        st.markdown(f"![]({ASSETS}/{entry.picture}-{theme}.png)")
        link_to(entry, f"**{entry.title}**")
        st.caption(entry.about)
