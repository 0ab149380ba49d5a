"""The settings of the twins and of their training."""

import streamlit as st

from pages.ui.controls import control
from pages.ui.page_state import PageState


def network_settings(state: PageState) -> None:
    """Both networks, their blocks and shortcuts."""
    settings = state.settings
    st.markdown("**Both networks**")
    control(state, "depth", slider=True)
    for name in ("width", "activation", "initializer", "gain"):
        control(state, name)
    st.markdown("**Blocks and shortcuts**")
    for name in ("norm", "scale"):
        control(state, name)
    if settings.scale == "own":
        control(state, "own_scale")
    control(state, "block")
    control(state, "every")
    with st.expander("Order, shapes, batch, seed"):
        control(state, "order")
        control(state, "halvings")
        if settings.halvings:
            control(state, "projection")
        control(state, "batch")
        control(state, "seed")


def training_settings(state: PageState) -> None:
    """How both are trained."""
    st.markdown("**Training of both**")
    for name in ("data", "optimizer"):
        control(state, name)
    control(state, "lr", slider=True)
    for name in ("warmup", "steps"):
        control(state, name)


def training_first(state: PageState) -> None:
    """Beside a training: its own settings stand above the networks'."""
    training_settings(state)
    network_settings(state)


def network_first(state: PageState) -> None:
    """Beside the highway, whose training stands below."""
    network_settings(state)
    training_settings(state)
