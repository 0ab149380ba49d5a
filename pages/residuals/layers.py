"""Layer by layer: one quantity without and with shortcuts, and the histogram of one layer's gradients."""

import streamlit as st

from engine.figures.residuals import COLOURS, flow_figure, histogram_figure
from engine.residuals.finding import loss_note
from engine.residuals.summary import formula, notes, summary
from engine.signals import Flow
from pages.ui import Column, PageState, chart, control, look, plain, table

TWINS = (
    Column("name", "The same weights"),
    Column("first", "Weight gradient, first layer", ".4g", about="Mean |∂L/∂W|"),
    Column("last", "last layer", ".4g", about="Mean |∂L/∂W|"),
    Column(
        "factor",
        "Gradient per layer",
        ".4f",
        about="The factor by which a layer multiplies ‖∂L/∂h‖ on its way back: the geometric mean over the layers "
        "whose gradient float32 can represent",
    ),
    Column(
        "expected",
        "predicted",
        ".4f",
        about="The same factor in infinitely wide layers (mean-field theory), where it can be computed",
    ),
    Column("loss", "Loss", ".4g"),
)

SEEN = {
    "gradient": "How much the loss would change with each layer's output. The player follows the gradient back from "
    "the loss. Dotted: the prediction for infinitely wide layers, where it can be computed.",
    "weight_mean": "Mean absolute value of the gradient of each layer's weights, as textbooks print it. It is the "
    "product of the signal that enters the layer and the gradient that comes back, so it is small wherever one of the "
    "two has vanished.",
    "weight_gradient": "Norm of the gradient of each layer's weights: the length of a gradient descent step in that "
    "layer, divided by the learning rate.",
    "signal": "Size of each layer's output. The player follows the signal from the input on. Dotted: the "
    "prediction for infinitely wide layers, where it can be computed.",
    "relative": "The relative change of each layer's weights in a gradient descent step, divided by the learning rate.",
}
"""Quantity -> the caption below its picture."""


def layers(state: PageState, flow: Flow) -> None:
    """Draw the view "Layer by layer"."""
    quantity, shortcuts = state.settings.quantity, state.settings.shortcuts
    with st.container(horizontal=True, vertical_alignment="center", key="lab-line"):
        control(state, "shortcuts")
        control(state, "quantity", hidden=True)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(flow_figure(flow, quantity, shortcuts, look().waits), "residuals-flow", height=400)
        st.caption(SEEN[quantity])
        st.latex(rf"\textstyle {formula(flow.spec, quantity, shortcuts)}")
    with right:
        chart(histogram_figure(flow, quantity, shortcuts), "residuals-histogram", height=445)
        st.caption(
            "The gradients of single weights in the layer that the player has reached. Point at a layer on the left to "
            "see the gradients of that layer."
        )
    if look().waits:
        return
    if found := notes(flow):
        st.info("  \n".join(map(plain, found)))
    table(summary(flow), TWINS, "residuals-twins", "The twins in numbers", list(COLOURS.values()))
    st.caption(plain(loss_note(flow)))
