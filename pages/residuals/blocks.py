"""Transformer blocks whose parts can be switched off, and the gradients that then vanish."""

import streamlit as st

from engine.figures.residuals import block_figure
from engine.residuals.blocks import BlockFlow, formulas, intact, survival
from engine.residuals.experiments import BLOCKS
from pages.ui import Column, PageState, chart, computed, control, controls, table

PARTS = (
    Column("name", "Weights of"),
    Column("first", "‖∂L/∂W‖, first block", ".3g"),
    Column("last", "last block", ".3g"),
    Column(
        "whole",
        "first, nothing off",
        ".3g",
        about="With every shortcut, every projection, and LayerNorm before branches",
    ),
    Column(
        "left",
        "Times the intact",
        ".3g",
        about="The first block's gradient, as a multiple of that with nothing switched off",
    ),
)


def blocks(state: PageState, found: BlockFlow) -> None:
    """Draw the view "Transformer"."""
    whole = computed(BLOCKS, intact(found.spec))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(block_figure(found, whole), "residuals-blocks", height=430)
        st.caption(
            "Dotted: the same weights with nothing switched off. The projections belong to the branches; a shortcut "
            "has no weights."
        )
    with right:
        for each in formulas(found.spec):
            st.latex(each)
        controls(state, "attention_shortcut", "mlp_shortcut", "attention_projection", "mlp_projection")
        control(state, "layer_norm")
        st.caption(
            "If you switch off both shortcuts and LayerNorm, queries and keys lose their gradient first. If you switch "
            "off LayerNorm alone, the gradient grows with every block on its way back."
        )
    table(survival(found, whole), PARTS, "residuals-parts", "The gradient of each part")


def block_settings(state: PageState) -> None:
    """Draw the sidebar: the shape of the blocks. The switches stand beside the picture."""
    st.markdown("**The blocks**")
    control(state, "blocks")
    controls(state, "model_width", "heads", "tokens", "seed")
