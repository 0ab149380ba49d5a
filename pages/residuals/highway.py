"""The shares of the gradient that came along the shortcuts and through the branches, before and during training."""

import math

import streamlit as st

from engine.figures.residuals import history_figure, lengths_figure, profile_figure, shares_figure
from engine.jobs import Status
from engine.residuals import Highway
from engine.residuals.spec import PROBE
from engine.residuals.trained import Training
from pages.residuals.training import ended, origin, preparing, training_task
from pages.ui import PageState, chart, look, show_job


def highway(state: PageState, found: Highway) -> None:
    """Draw the view "Gradient paths": the shares before any training, below those during a recorded training."""
    if training_task(state).kept is not None:
        _over_the_training(state)
        st.header("Before any training")
    if not found.finite:
        st.info("The gradient is zero or not finite: there is nothing to split.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        chart(shares_figure(found), "residuals-shares", height=360)
        st.caption(
            f"Before any training, over {found.samples} random inputs and labels. The gradient at the beginning of "
            "each shortcut has two parts: one came along the shortcut, one through the branch beside it. A part with a "
            "negative share points against the whole gradient."
        )
    with right:
        chart(lengths_figure(found), "residuals-lengths", height=360)
        spans = len(found.shortcut)
        st.caption(
            f"The network is a sum over $2^{{{spans}}}$ paths; most go through about {spans / 2:g} branches. Dotted: "
            "the mean number of branches, by the shares. "
            "[Veit et al. 2016](https://arxiv.org/abs/1605.06431)"
        )


def over_the_training(state: PageState) -> None:
    """Draw the view's last part: how the shares change during the training, unless a recording already shows it."""
    if training_task(state).kept is None:
        st.header("Over the training")
        _over_the_training(state)


def _over_the_training(state: PageState) -> None:
    def draw(training: Training, status: Status) -> None:
        if not len(training.steps):
            preparing(status)
            return
        carried, at_last = training.carried(), training.carried_last()
        ended(training)
        if math.isnan(at_last):
            st.info("The network with shortcuts never has a finite gradient: there is nothing to split.")
            return
        past, now = st.columns([3, 2], gap="medium")
        with past:
            chart(history_figure(training), "residuals-history", height=400)
            means = f" {carried[0]:.1%} on average at the start, {at_last:.1%} at the last evaluation."
            st.caption(
                "Blue means that the gradient came along the shortcut, over "
                f"{PROBE} of the training samples.{'' if look().waits else means}{origin(training)}"
            )
        with now:
            chart(profile_figure(training), "residuals-profile", height=445)
            st.caption("The number of branches on the paths that carry the gradient to the stem.")

    show_job(state, training_task(state), draw)
