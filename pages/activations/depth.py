"""Signals and gradients through deep networks that differ in activation, initialization and biases."""

import streamlit as st

from engine.activations import Propagation
from engine.activations.experiments import MAPS
from engine.activations.finding import advice
from engine.activations.maps import Theory
from engine.figures.activations import depth_figure, maps_figure, outputs_figure
from engine.numerals import written
from pages.ui import Column, PageState, chart, computed, control, look, plain, table

SEEN = {
    "signal": "The length of each layer's output: the root mean square over the inputs. Dotted: the mean-field "
    "prediction for infinitely wide layers.",
    "gradient": "How much an input's loss would change with each layer's output. A layer learns from it. The player "
    "follows the gradient back from the loss. Dotted: the mean-field prediction, from the value of the last layer.",
    "weight_gradient": "The length of the gradient of each layer's weights. It can be the same in every layer although "
    "signal and gradient both vanish: the two cancel.",
    "update": "How far one step of gradient descent at this learning rate moves the weights of a layer, relative to "
    "their length, as a power of ten. A common rule wants −3, the dashed line, in every layer.",
    "silent": "Units that are 0, with slope 0, for every input of the batch. They cannot learn.",
    "flat": "Where the slope is below the threshold, a unit passes hardly any gradient on: it is saturated, or silent.",
    "mean": "The mean of a layer's outputs. If it is far from 0, the next layer's inputs all push the same way.",
    "spread": "The standard deviation of a layer's outputs, over units and inputs.",
}
"""Quantity -> the caption below its picture."""

ROWS = (
    "How often each output occurs: a row for each layer, a column for each network. The player lights a layer, and so "
    "does the pointer on the left. Outputs are divided by their root mean square, and spikes are cut off. A layer "
    "without a row gives only 0, or has overflowed."
)

SUMMARY = (
    Column("name", "Network"),
    Column("loss", "Loss at the start", ".4g", about="Mean over the draws. A guess among ten has ln 10 = 2.303"),
    Column("signal", "Signal, last / first layer", written),
    Column("gradient", "Gradient, first / last layer", written),
    Column("silent", "Silent, worst layer", ".0%"),
    Column("flat", "Flat, worst layer", ".0%"),
)

THEORY = (
    Column("name", "Network"),
    Column("fixed", "q*", ".3g", about="The variance of the pre-activations that deep layers settle at"),
    Column("chi", "χ", ".4g", about="The factor of the squared gradient per layer, at the fixed point"),
    Column("scale", "ξ, layers", written, about="Over this many layers the squared gradient changes by a factor of e"),
    Column("factor_predicted", "Predicted", ".4g", about="χ in these layers, their geometric mean"),
    Column("factor", "Measured", ".4g", about="The factor of the squared gradient per layer, mean over the draws"),
    Column("factor_error", "±", ".2g", about="The standard error of the measured factor"),
)


def networks(found: Propagation) -> list[str]:
    """The names of the paths."""
    return [trace.name for trace in found.traces]


def depth(state: PageState, found: Propagation) -> None:
    """Draw the view "Through depth"."""
    quantity = state.settings.quantity
    control(state, "quantity", hidden=True)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(depth_figure(found, quantity, look().waits), "activations-depth", height=400)
        st.caption(SEEN[quantity])
    with right:
        chart(outputs_figure(found, quantity), "activations-histogram", height=445)
        st.caption(ROWS)
    if look().waits:
        return
    if said := advice(found):
        st.info("  \n".join(map(plain, said)), icon=":material/lightbulb:")
    colours = [each.colour for each in found.traces]
    table(found.summary(), SUMMARY, "activations-summary", "The networks in numbers", colours)
    key = f"{state.name}/theory"
    with st.expander("Theory: what a very wide network does", key=key, on_change=state.answer) as opened:
        if opened.open:
            theory(computed(MAPS, state.spec), found)


def theory(maps: Theory, found: Propagation) -> None:
    """Draw the variance maps, with the numbers of the theory beside the measured ones."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        chart(maps_figure(maps), "activations-maps", height=380)
    with right:
        st.markdown(
            "In a very wide network, each layer turns the variance of its pre-activations into that of the next layer: "
            "the curve. Dots are the layers. Where the curve crosses the diagonal, the variance stays: the ring, the "
            "fixed point q\\*. There, each layer multiplies the squared gradient by χ, so that after ξ = 1 / |ln χ| "
            "layers it has changed by a factor of e. Only χ = 1 keeps it. "
            "[Schoenholz et al. 2017](https://arxiv.org/abs/1611.01232)"
        )
        frame = maps.numbers().merge(found.summary().drop(columns="chi"), on="name")
        colours = [each.colour for each in maps.maps]
        table(frame, THEORY, "activations-theory", "Theory beside measurement", colours)
