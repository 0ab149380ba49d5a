"""Order and chaos: the plane of variances, and two inputs sent through the chosen network."""

import streamlit as st

from engine.activations import Phase
from engine.activations.spec import BIASES, WEIGHTS
from engine.figures.activations import correlation_figure, plane_figure
from engine.numerals import read_number, write_number
from pages.activations.chooser import following
from pages.ui import PageState, chart, control, look, number_box


def plane(state: PageState, found: Phase) -> None:
    """Draw the view "Order and chaos"."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        click = state.callback(lambda now, x, y: following(now, weight=_within(x, WEIGHTS), bias=_within(y, BIASES)))
        chart(plane_figure(found), "activations-plane", height=430, picked=click)
        st.caption(
            "Click to choose a network, or drag the ring ○. Left of the red line it is ordered: gradients vanish, and "
            "all inputs become alike. Right of it, it is chaotic: gradients explode. The first network of “Through "
            "depth” and “Training” follows your choice. [Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232)"
        )
    with right:
        chart(correlation_figure(found, look().waits), "activations-correlation", height=400)
        st.caption(
            f"Two inputs go through {found.spec.draws} networks of the kind that you chose. Dotted: infinitely wide "
            "layers."
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, label in (("weight", "Weight variance"), ("bias", "Bias variance")):
            _box(state, name, label)
        control(state, "cosine")


def _within(value: float, most: float) -> float:
    return min(max(value, 0.0), most)


def _box(state: PageState, name: str, label: str) -> None:
    """Draw the box for one of the two variances, which a click on the plane sets too."""
    number_box(
        label,
        write_number(getattr(state.settings, name)),
        f"{state.name}/{name}",
        state.callback(lambda now, text: following(now, **{name: read_number(text)})),
        state.callback(lambda now, steps: following(now, **{name: max(getattr(now, name) + 0.05 * steps, 0.0)})),
    )
