"""The mode for a class: large texts, charts that fill the screen, and no sidebar. The link keeps it."""

import streamlit as st

from pages.ui.assets import component
from pages.ui.page_state import PageState

LARGE = 2.0
"""The size of texts in charts, as a multiple of the usual size: even exponents then have 18 pixels or more."""

STYLE = """<style>
html { font-size: 22px; }
.stSidebar, .stAppHeader, .st-key-menu { display: none !important; }
.stMainBlockContainer { padding: 0.6rem 1.5rem; max-width: none; }
.st-key-lab-choice [data-testid="stButtonGroup"], .stApp h1 { display: none; }
.stApp small, .stApp code { font-size: 1rem; }
.katex-display { font-size: 1.4em; }
.lab-chart { --lab-height: calc(100vh - 16rem) !important; }
body:has(.st-key-lab-question, .st-key-lab-tries) { --lab-above: 22rem !important; }
body:has(.lab-gallery) .lab-chart { --lab-height: calc(100vh - 22rem) !important; }
</style>"""


def present_button(state: PageState) -> None:
    """Draw the button that begins and ends the mode, and the mode's style."""
    on = bool(state.guide.present)
    if on:
        st.html(STYLE)
    key = f"{state.name}/present"

    def turned() -> None:
        state.guide_by(present="" if st.session_state[key].turned == "off" else "1")

    component("present")(key=key, data={"on": on}, on_turned_change=turned)
