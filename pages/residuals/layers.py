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
        about="What a layer multiplies the gradient by on its way back, geometric mean where float32 holds it",
    ),
    Column(
        "expected",
        "expected",
        ".4f",
        about="The same by mean-field theory, for infinitely wide layers, where it has an answer",
    ),
    Column("loss", "Loss", ".4g"),
)

SEEN = {
    "gradient": "How much the loss would change with each layer's output. The player follows the gradient back from "
    "the loss; dotted, what mean-field theory expects, where it has an answer.",
    "weight_mean": "Mean size of the gradient of each layer's weights, as textbooks print it: the signal that comes in "
    "times the gradient that comes back, so it is small wherever either has died.",
    "weight_gradient": "Norm of the gradient of each layer's weights: the length of a step of gradient descent there, "
    "over the learning rate.",
    "signal": "Size of each layer's output. The player follows the signal from the stem on; dotted, what mean-field "
    "theory expects, where it has an answer.",
    "relative": "By what share of itself a step of gradient descent would change each layer, over the learning rate.",
}
"""What each quantity says, below its picture."""


def layers(state: PageState, flow: Flow) -> None:
    """The view "Layer by layer"."""
    quantity, shortcuts = state.settings.quantity, state.settings.shortcuts
    switch, choice, beside = st.columns([2, 7, 4], vertical_alignment="center")
    with switch:
        control(state, "shortcuts")
    with choice:
        control(state, "quantity", hidden=True, segmented=True)
    with beside:
        st.latex(rf"\textstyle {formula(flow.spec, quantity, shortcuts)}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(flow_figure(flow, quantity, shortcuts), "residuals-flow", height=400)
        st.caption(SEEN[quantity])
    with right:
        chart(histogram_figure(flow, quantity, shortcuts), "residuals-histogram", height=445)
        st.caption(
            "Gradients of single weights, in the layer that the player has reached. Point at a layer on the left to "
            "see its own."
        )
    if found := notes(flow):
        st.info("  \n".join(map(plain, found)))
    table(summary(flow), TWINS, "residuals-twins", "The twins in numbers", list(COLOURS.values()))
