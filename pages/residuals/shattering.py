"""Shattered gradients: how alike the gradients at neighbouring inputs are."""

import streamlit as st

from engine.figures.residuals import arc_figure, shattering_figure
from engine.residuals.shattered import Shattering
from pages.ui import PageState, chart


def shattering(_: PageState, found: Shattering) -> None:
    """Draw the view "Nearby inputs"."""
    left, right = st.columns(2, gap="medium")
    with left:
        chart(arc_figure(found), "residuals-arc", height=440)
        st.caption(
            "256 inputs lie on an arc of a circle. The curve shows the component of the gradient along the arc at each "
            "input. If it looks like noise, the gradient at one input says nothing about the gradient at the next. "
            "[Balduzzi et al. 2017](https://arxiv.org/abs/1702.08591)"
        )
    with right:
        chart(shattering_figure(found), "residuals-shattering", height=440)
        st.caption(
            "The cosine between the gradients at two inputs, against the distance of the inputs. A network whose "
            "signals vanish is nearly linear, so its gradient is the same everywhere, though small."
        )
