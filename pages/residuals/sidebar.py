"""The settings of the twins and of their training."""

import streamlit as st

from pages.ui import PageState, control, controls


def network_settings(state: PageState) -> None:
    """Draw the settings of both networks, their blocks and their shortcuts."""
    st.markdown("**Both networks**")
    control(state, "depth")
    controls(state, "width", "activation", "initializer", "gain", "norm", "scale")
    if state.settings.scale == "own":
        control(state, "own_scale")
    with st.expander("Blocks, shapes, batch, seed"):
        controls(state, "order", "block", "every", "halvings")
        controls(state, *(["projection"] if state.settings.halvings else []), "batch", "seed")


def training_settings(state: PageState) -> None:
    """Draw the settings of the training of both networks."""
    st.markdown("**Training of both**")
    controls(state, "data", "optimizer")
    control(state, "lr")
    controls(state, "warmup", "steps")


def training_first(state: PageState) -> None:
    """Draw the sidebar beside a training: the training's settings, then the networks' settings."""
    training_settings(state)
    network_settings(state)


def network_first(state: PageState) -> None:
    """Draw the sidebar beside the gradient paths: the networks' settings, then the training's settings."""
    network_settings(state)
    training_settings(state)
