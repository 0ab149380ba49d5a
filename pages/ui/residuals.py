"""The views of the residuals page: each computes what it shows, draws it and says what is to be seen."""

from typing import Any

import streamlit as st

from engine.figures.residuals import (
    COLOURS,
    QUANTITIES,
    arc_figure,
    block_figure,
    flow_figure,
    histogram_figure,
    lengths_figure,
    shares_figure,
    shattering_figure,
    textbook_figure,
)
from engine.residuals import Highway, script, textbook
from engine.residuals.blocks import formulas, intact, survival
from engine.residuals.experiments import BLOCKS, FLOW, HIGHWAY, SHATTERING, TEXTBOOK
from engine.residuals.spec import TextbookSpec
from engine.residuals.summary import formula, notes, summary
from engine.signals import StackSpec
from engine.transformer import BlockSpec
from pages.ui.chart import chart
from pages.ui.controls import control, plain
from pages.ui.desk import Desk
from pages.ui.results import block_flow, flow, highway, shattering
from pages.ui.table import Column, table
from pages.ui.takeaway import take_away
from pages.ui.training import highway_history

FILE = "gradient-lab-residuals"

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

PUBLISHED = (
    Column("layer", "Layer", "d"),
    Column("plain", "Without shortcuts", ".8g"),
    Column("residual", "With shortcuts", ".8g"),
)

PARTS = (
    Column("name", "Weights of"),
    Column("first", "‖∂L/∂W‖, first block", ".3g"),
    Column("last", "last block", ".3g"),
    Column("whole", "first, nothing off", ".3g", about="With every shortcut and projection, LayerNorm before branches"),
    Column("left", "Times the intact", ".3g", about="The first block's gradient over that with nothing switched off"),
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


def layers(desk: Desk[Any]) -> None:
    """A quantity layer by layer, without and with shortcuts, and the histogram of one layer's gradients."""
    spec = desk.spec.part(StackSpec)
    found = flow(spec)
    quantity, shortcuts = desk.spec.quantity, desk.spec.shortcuts
    switch, choice, beside = st.columns([2, 7, 4], vertical_alignment="center")
    with switch:
        control(desk, "shortcuts")
    with choice:
        control(desk, "quantity", hidden=True, segmented=True, names=QUANTITIES)
    with beside:
        st.latex(rf"\textstyle {formula(spec, quantity, shortcuts)}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(flow_figure(found, quantity, shortcuts), "residuals-flow", height=400)
        st.caption(SEEN[quantity])
    with right:
        chart(histogram_figure(found, quantity, shortcuts), "residuals-histogram", height=445)
        st.caption(
            "Gradients of single weights, in the layer that the player has reached. Point at a layer on the left to "
            "see its own."
        )
    if told := notes(found):
        st.info("  \n".join(map(plain, told)))
    table(summary(found), TWINS, "residuals-twins", "The twins in numbers", list(COLOURS.values()))
    take_away(desk, found.table, FILE, FLOW, spec)


def textbook_example(desk: Desk[Any]) -> None:
    """The published numbers, and the code that gives them."""
    found = textbook()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(textbook_figure(found), "residuals-textbook", height=380)
        st.caption(
            "Five layers of Linear and GELU, the input (1, 0, −1), the target 0, seed 123. [Raschka, Build a Large "
            "Language Model (From Scratch), section 4.4]"
            "(https://github.com/rasbt/LLMs-from-scratch/blob/main/ch04/01_main-chapter-code/ch04.ipynb)"
        )
    with right:
        table(found.table(), PUBLISHED, "residuals-published", "The published numbers")
        st.caption(
            "Mean |∂L/∂W| of each layer, computed when this page was opened. The published numbers are the same to a "
            "relative 10⁻⁵."
        )
    st.code(script.TEXTBOOK_CODE, language="python")
    take_away(desk, found.table, FILE, TEXTBOOK, TextbookSpec())


def highway_split(desk: Desk[Any]) -> None:
    """How much of the gradient came by shortcuts and how much through branches: now, and over the training."""
    spec = desk.spec.part(StackSpec)
    try:
        found = highway(spec)
    except ValueError as error:
        st.info(plain(str(error)))
    else:
        split_view(found)
        take_away(desk, found.table, FILE, HIGHWAY, spec)
    highway_history(desk)


def split_view(found: Highway) -> None:
    """The gradient's ways at the start."""
    if not found.finite:
        st.info("The gradient is zero or no number: there is nothing to split.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        chart(shares_figure(found), "residuals-shares", height=360)
        st.caption(
            f"Before any training, over {found.samples} random inputs and labels: of the gradient at the beginning of "
            "each shortcut, what came along it and what through the branch beside it. A negative share works against "
            "the whole."
        )
    with right:
        chart(lengths_figure(found), "residuals-lengths", height=360)
        spans = len(found.shortcut)
        st.caption(
            f"The network is a sum over $2^{{{spans}}}$ paths, most through about {spans / 2:g} branches. The gradient "
            f"that reached the stem went through {found.mean_length()[0]:.3g} on average (dotted). "
            "[Veit et al. 2016](https://arxiv.org/abs/1605.06431)"
        )


def shattered(desk: Desk[Any]) -> None:
    """How alike the gradients at neighbouring inputs are."""
    spec = desk.spec.part(StackSpec)
    try:
        found = shattering(spec)
    except ValueError as error:
        st.info(plain(str(error)))
        return
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
    take_away(desk, found.table, FILE, SHATTERING, spec)


def blocks(desk: Desk[Any]) -> None:
    """Transformer blocks with switches, and what dies."""
    spec = desk.spec.part(BlockSpec)
    found, whole = block_flow(spec), block_flow(intact(spec))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(block_figure(found, whole), "residuals-blocks", height=430)
        st.caption(
            "Dotted: the same weights with nothing switched off. The projections stand on the branches; the shortcut "
            "itself has no weights."
        )
    with right:
        for each in formulas(spec):
            st.latex(each)
        for name in ("attention_shortcut", "mlp_shortcut", "attention_projection", "mlp_projection"):
            control(desk, name)
        control(desk, "layer_norm", segmented=True)
        st.caption(
            "Switch both shortcuts and LayerNorm off and queries and keys lose their gradient first; switch LayerNorm "
            "off alone and it grows with every block on the way back."
        )
    table(survival(found, whole), PARTS, "residuals-parts", "The gradient of each part")
    take_away(desk, found.table, FILE, BLOCKS, spec)
