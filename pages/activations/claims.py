"""What lectures say of activations and initialization, and whether it holds here."""

import streamlit as st

from engine.activations.claims import CLAIMS, Verdicts
from pages.ui import PageState, plain

COLOURS = {"holds": "green", "does not hold": "red", "holds if": "orange", "undecided": "gray"}
"""Verdict -> the colour of its badge."""


def claims(state: PageState, found: Verdicts) -> None:
    """Draw the view "Claims": each with its verdict, the numbers, and a button that shows its experiment."""
    for number, ((view, claim), (verdict, numbers)) in enumerate(zip(CLAIMS, found.found, strict=True)):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch"):
                st.markdown(f":{COLOURS[verdict]}-badge[{verdict}] &nbsp;**{plain(claim.sentence)}**")
                title, address = claim.source
                st.caption(f"{plain(numbers)} [{title}]({address})")
            st.button(
                "See it",
                key=f"{state.name}/claim{number}",
                on_click=state.start_from,
                args=(view, {name: value for name, value in claim.spec if name != "kind"}),
            )


def claims_settings(_: PageState) -> None:
    """Draw the sidebar beside the claims, which have no settings."""
    st.markdown("**Claims**")
    st.caption("Each sentence is put to the test here. “Holds if” names the condition.")
