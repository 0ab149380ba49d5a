"""Layer by layer: one quantity without and with shortcuts, and the histogram of one layer's gradients."""

import streamlit as st

from engine.figures.residuals import COLOURS, flow_figure, histogram_figure
from engine.residuals.summary import formula, notes, summary
from engine.signals import Flow
from pages.ui import Column, PageState, chart, control, plain, table

TWINS = (
    Column("name", "The same weights"),
    Column("first", "mean |∂L/∂W|, first layer", ".4g"),
    Column("last", "last layer", ".4g"),
    Column(
        "factor",
        "‖∂L/∂h‖ a layer",
        ".4f",
        about="The factor by which a layer multiplies the gradient on its way back: the geometric mean over the layers "
        "whose gradient float32 can represent",
    ),
    Column(
        "expected",
        "expected",
        ".4f",
        about="The same factor by mean-field theory for infinitely wide layers, if the theory has an answer",
    ),
    Column("loss", "Loss", ".4g"),
)

SEEN = {
    "gradient": "How much the loss would change with each layer's output. The player follows the gradient back from "
    "the loss. Dotted: the mean-field prediction, where available.",
    "weight_mean": "Mean absolute value of the gradient of each layer's weights, as textbooks print it. It is the "
    "product of the signal that enters the layer and the gradient that comes back, so it is small wherever one of the "
    "two has vanished.",
    "weight_gradient": "Norm of the gradient of each layer's weights: the length of a gradient descent step in that "
    "layer, divided by the learning rate.",
    "signal": "Size of each layer's output. The player follows the signal from the input on. Dotted: the "
    "mean-field prediction, where available.",
    "relative": "The relative change of each layer's weights in a gradient descent step, divided by the learning rate.",
}
"""Quantity -> the caption below its picture."""


def layers(state: PageState, flow: Flow) -> None:
    """Draw the view "Layer by layer"."""
    quantity, shortcuts = state.settings.quantity, state.settings.shortcuts
    switch, choice, beside = st.columns([2, 7, 4], vertical_alignment="center")
    with switch:
        control(state, "shortcuts")
    with choice:
        control(state, "quantity", hidden=True)
    with beside:
        st.latex(rf"\textstyle {formula(flow.spec, quantity, shortcuts)}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(flow_figure(flow, quantity, shortcuts), "residuals-flow", height=400)
        st.caption(SEEN[quantity])
    with right:
        chart(histogram_figure(flow, quantity, shortcuts), "residuals-histogram", height=445)
        st.caption(
            "The gradients of single weights in the layer that the player has reached. Point at a layer on the left to "
            "see the gradients of that layer."
        )
    if found := notes(flow):
        st.info("  \n".join(map(plain, found)))
    table(summary(flow), TWINS, "residuals-twins", "The twins in numbers", list(COLOURS.values()))
