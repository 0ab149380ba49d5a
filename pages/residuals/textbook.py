"""The numbers of a textbook example, and the code that computes them."""

import streamlit as st

from engine.figures.residuals import textbook_figure
from engine.residuals.example import Textbook
from engine.residuals.script import TEXTBOOK_CODE
from pages.ui import Column, PageState, chart, table

PUBLISHED = (
    Column("layer", "Layer", "d"),
    Column("plain", "Without shortcuts", ".8g"),
    Column("residual", "With shortcuts", ".8g"),
)


def textbook(_: PageState, found: Textbook) -> None:
    """Draw the view "Textbook"."""
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
            "Mean |∂L/∂W| of each layer, computed when this page was opened. These and the published numbers match to "
            "five digits."
        )
    st.code(TEXTBOOK_CODE, language="python")


def nothing_to_set(_: PageState) -> None:
    """Draw the sidebar beside the textbook example, which has no settings."""
    st.markdown("**A published example**")
    st.caption("This example has no settings: layers, weights and input are those of the book, and so are the numbers.")
