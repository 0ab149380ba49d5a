"""The pages of the lab and the menu across their top."""

from dataclasses import dataclass
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.ui.assets import HERE
from pages.ui.page_state import link_of


@dataclass(frozen=True)
class Entry:
    """A page in the menu.

    module: its function ``page()`` draws the page. title: the page's name.
    address, about: the path and the purpose; the home page has no address.
    picture: the name of its picture in ``static``, without "-light.png" or "-dark.png".
    short: the name in the menu, which has room for a dozen short names in one line. The title by default.
    """

    module: str
    title: str
    address: str = ""
    picture: str = "home"
    about: str = ""
    short: str = ""


ENTRIES = (
    Entry(
        "pages.home",
        "Gradient Lab",
        about="A visual playground for the optimization of deep networks: see why a network trains, or does not.",
    ),
    Entry(
        "pages.surfaces",
        "Loss surfaces",
        "surfaces",
        "surfaces",
        "Race optimizers down our surfaces or your own: watch them move, read why they converge, stall or diverge.",
        "Surfaces",
    ),
    Entry(
        "pages.activations",
        "Activations and initialization",
        "activations",
        "activations",
        "Send a signal through deep networks: see which activation and which initial weights let it through.",
        "Activations",
    ),
    Entry(
        "pages.residuals",
        "Residual connections",
        "residuals",
        "residuals",
        "Toggle the shortcuts of a deep network and watch each layer's gradient vanish, or come through.",
        "Residuals",
    ),
    Entry(
        "pages.attention",
        "Attention",
        "attention",
        "attention",
        "Click any weight of a trained attention head and see where it comes from.",
    ),
    Entry(
        "pages.race",
        "LocoProp race",
        "race",
        "race",
        "Train a deep autoencoder with LocoProp, Adam, K-FAC and Shampoo side by side, in two minutes.",
        "Race",
    ),
)
"""All pages, in the menu's order. The first is the home page."""


def page_of(entry: Entry) -> StreamlitPage:
    def run() -> None:
        import_module(entry.module).page()

    return st.Page(run, title=entry.title, url_path=entry.address, default=not entry.address)


def show_page() -> None:
    """Configure the window, draw the menu and run the page that the address asks for."""
    current = st.navigation([page_of(entry) for entry in ENTRIES], position="hidden")
    st.set_page_config(page_title=title_of(current.title), page_icon="🏔️", layout="wide")
    st.html(HERE / "page.css")
    with st.container(horizontal=True, key="menu"):
        for entry in ENTRIES:
            here = "here" if entry.title == current.title else None
            with st.container(key=here, width="content"):
                link_to(entry, entry.short or entry.title)
    current.run()


def link_to(entry: Entry, label: str) -> None:
    """Draw a link to a page, with the settings that this session last had there."""
    st.page_link(page_of(entry), label=label, query_params=link_of(entry.address))


def title_of(page: str) -> str:
    return page if page == ENTRIES[0].title else f"{page} · {ENTRIES[0].title}"
