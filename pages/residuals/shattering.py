"""Shattered gradients: how alike the gradients at neighbouring inputs are."""

import streamlit as st

from engine.figures.residuals import arc_figure, shattering_figure
from engine.residuals.shattered import Shattering
from pages.ui import PageState, chart


def shattering(_: PageState, found: Shattering) -> None:
    """The view "Shattering"."""
    left, right = st.columns(2, gap="medium")
    with left:
        chart(arc_figure(found), "residuals-arc", height=440)
        st.caption(
            "256 inputs on an arc of a circle, and at each the part of its gradient that points along the arc. Where "
            "it looks like noise, a step to a neighbour says nothing about the gradient there. "
            "[Balduzzi et al. 2017](https://arxiv.org/abs/1702.08591)"
        )
    with right:
        chart(shattering_figure(found), "residuals-shattering", height=440)
        st.caption(
            "The cosine of the gradients at two inputs against their distance. A network whose signals die is nearly "
            "linear and has the same gradient everywhere, as small as it is."
        )
