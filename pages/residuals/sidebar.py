"""The settings of the twins and of their training."""

import streamlit as st

from pages.ui import PageState, control, controls


def network_settings(state: PageState) -> None:
    """Both networks, their blocks and shortcuts."""
    st.markdown("**Both networks**")
    control(state, "depth", slider=True)
    controls(state, "width", "activation", "initializer", "gain")
    st.markdown("**Blocks and shortcuts**")
    controls(state, "norm", "scale", *(["own_scale"] if state.settings.scale == "own" else []), "block", "every")
    with st.expander("Order, shapes, batch, seed"):
        controls(state, "order", "halvings", *(["projection"] if state.settings.halvings else []), "batch", "seed")


def training_settings(state: PageState) -> None:
    """How both are trained."""
    st.markdown("**Training of both**")
    controls(state, "data", "optimizer")
    control(state, "lr", slider=True)
    controls(state, "warmup", "steps")


def training_first(state: PageState) -> None:
    """Beside a training: its own settings stand above the networks'."""
    training_settings(state)
    network_settings(state)


def network_first(state: PageState) -> None:
    """Beside the highway, whose training stands below."""
    network_settings(state)
    training_settings(state)
