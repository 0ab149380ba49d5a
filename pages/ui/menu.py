"""The pages of the lab and the menu across their top."""

from dataclasses import dataclass
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

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
    st.html(STYLE)
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


STYLE = """<style>
.stMainBlockContainer { padding: 1rem 3rem 3rem; max-width: 1500px; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.6rem; }
.st-key-lab-question { padding: 0.4rem 0.8rem; gap: 0.4rem; }
.st-key-lab-question .stMarkdown p { font-size: 0.95rem; }
.st-key-lab-question button { min-height: 2rem; padding-block: 0.1rem; }
.st-key-lab-finding [data-testid=stMarkdownContainer] { margin-bottom: 0; }
.st-key-lab-finding p { margin-bottom: 0; }
.stApp:not(:has(.lab-chart[data-ended="true"])) .st-key-lab-until-the-end * { visibility: hidden; }
.st-key-lab-take-away button { min-height: 0; padding: 0.2rem 0.6rem; border-radius: 1rem; }
.st-key-lab-take-away p { font-size: 0.82rem; }
.lab-called { text-decoration: underline dotted 1px; text-underline-offset: 0.2em; cursor: default; }
.stApp h1 { font-size: 1.5rem; font-weight: 650; padding: 0.2rem 0.6rem 0.2rem 0; }
.stApp h2 { font-size: 1.1rem; font-weight: 600; padding: 0.2rem 0 0; }
.st-key-menu { border-bottom: 1px solid rgba(128, 132, 149, 0.25); padding-bottom: 0.3rem; z-index: 1;
  flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; gap: 0; margin-inline: -0.3rem; width: auto; }
/* Streamlit's header lies above the menu. It holds only the button that opens the sidebar. */
.stAppHeader { background: none; }
.stAppHeader, .stAppHeader * { pointer-events: none; }
.stAppHeader :is(button, button *) { pointer-events: auto; }
body:has([data-testid="stExpandSidebarButton"]) .st-key-menu { margin-left: 2.2rem; }
.st-key-menu > div { flex: none; width: auto; }
.st-key-menu a { padding-inline: 0.3rem; }
.st-key-menu a:focus-visible { background: none; outline: 2px solid; outline-offset: -2px; }
.st-key-menu p { font-size: 0.88rem; white-space: nowrap; }
.st-key-here { scroll-initial-target: nearest; }
.stSidebar .katex-display { margin-bottom: 1.1em; }
.stSidebar .stVerticalBlock { gap: 0.45rem; }
.stSidebarHeader { height: 2.5rem; margin-bottom: 0; }
.katex-display { overflow-x: auto; overflow-y: hidden; font-size: 0.92em; margin: 0.3em 0; padding: 0 2px; }
div[data-testid="stCaptionContainer"] { opacity: 0.8; }
.stApp button[kind="tertiary"]:is(:hover, :active, :focus, [aria-expanded="true"]) { color: inherit; }
.stApp button[kind="primary"] { background: #3b4cb8; border-color: #3b4cb8; color: #fff; }
.stApp button[kind="primary"]:hover { background: #33419c; border-color: #33419c; }
/* The browser places the panel while it is empty. Without a height, a long form gets only the room below its button. */
[data-testid="stPopoverBody"]:has(.katex) { min-height: min(60vh, 32rem); }
[class*="st-key-lab-card"] { position: relative; }
[class*="st-key-lab-card"]:hover { border-color: #7b88dd; }
[class*="st-key-lab-card"] a::after { content: ""; position: absolute; inset: 0; }
[class*="st-key-lab-card"] [data-testid="stPageLink"], [class*="st-key-lab-card"] a { position: static; }
[class*="st-key-lab-row"] { flex-wrap: nowrap; }
.st-key-lab-faint canvas { opacity: 0.35; }
.lab-dot { display: inline-block; width: 0.8rem; height: 0.8rem; border-radius: 50%; }
@media (max-width: 640px) {
  .st-key-lab-finding, :has(> .st-key-lab-finding) { flex: 1 0 100% !important; }
  .stMainBlockContainer { padding: 0.8rem 1rem 2rem; }
  .st-key-lab-take-away p { font-size: 0; }
}
</style>"""
