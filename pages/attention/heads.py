"""All heads of a model on one text, one of them large, and one weight taken apart."""

from typing import Any

import streamlit as st

from engine.attention import Heads
from engine.attention.spec import MODELS, PARTS
from engine.figures.attention import cell_figure, head_at, head_figure, heads_figure
from engine.numerals import written
from engine.transformer import SHIPPED
from pages.ui import PageState, chart, control, plain

FRESH = {"step": 0, "text": "", "part": "stack", "layer": 1, "head": 1, "query": 0, "key": 0}
"""The settings that a new model takes, because those of another model need not fit."""


def heads_settings(state: PageState) -> None:
    """Draw the settings of the view "Heads"."""
    now = state.settings
    shipped = SHIPPED[now.model]
    _choice(state, "Model", "model", list(MODELS), MODELS, lambda name: FRESH | {"model": name, "part": part_of(name)})
    st.caption(shipped.about)
    if len(shipped.steps) > 1:
        labels = {step: f"{step:,} steps" for step in shipped.steps}
        last = shipped.steps[-1]
        _choice(state, "After training for", "step", list(shipped.steps), labels, lambda step: {"step": step % last})
    control(state, "text")
    examples = now.task().tries
    st.caption(f"Such as {', '.join(f'“{plain(each)}”' for each in examples)}.")
    if now.task().sources is not None:
        control(state, "part")
    control(state, "weighed")


def part_of(model: str) -> str:
    """What a model is first shown with: how the text looks at its source, if there is one."""
    return "stack" if SHIPPED[model].spec.chosen().sources is None else "cross"


def _choice(state: PageState, label: str, name: str, options: list[Any], labels: Any, made: Any) -> None:
    """A list of options that sets several fields at once."""
    key = f"{state.name}/{name}-choice"
    now = state.settings.kept() if name == "step" else getattr(state.settings, name)
    st.session_state[key] = now
    st.selectbox(
        label,
        options,
        format_func=labels.__getitem__,
        key=key,
        on_change=state.callback(lambda _: made(st.session_state[key])),
    )


def heads(state: PageState, found: Heads) -> None:
    """Draw the view "Heads"."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        chosen = state.callback(lambda _, x, y: dict(zip(("layer", "head"), head_at(found, x, y), strict=True)))
        chart(heads_figure(found), "attention-heads", height=300, picked=chosen)
        kind = f"**{found.head.kind.capitalize()}**. {plain(found.head.why)}" if found.head.kind else ""
        st.caption(f"All heads: {PARTS[found.spec.part].lower()}. Click one to see it large. {kind}")
        _sum(found)
    with right:
        cell = state.callback(lambda _, x, y: {"query": 1 + round(y), "key": 1 + round(x)})
        chart(head_figure(found, state.settings.weighed), "attention-head", height=560, picked=cell)
        st.caption(
            f"{found.head.label}: each row is a token that looks, and its weights sum to 1. Click a cell, drag the "
            "ring ○, or use the arrow keys, to see where its weight comes from. Largest difference to PyTorch's own "
            f"attention: {written(found.difference)}."
        )


def _sum(found: Heads) -> None:
    """Show how the chosen weight is computed."""
    cell, width = found.cell, len(found.cell.products)
    chart(cell_figure(found), "attention-cell", height=190)
    st.latex(
        rf"q \cdot k = {cell.raw:.4g} \;\to\; \frac{{{cell.raw:.4g}}}{{\sqrt{{{width}}}}} = {cell.scaled:.4g}"
        + (r" \;\to\; -\infty" if cell.hidden else "")
    )
    if cell.hidden:
        st.caption("The mask forbids this look: the token comes later. So its weight is 0.")
    else:
        st.latex(
            rf"w = \frac{{e^{{{cell.scaled:.4g} - {cell.top:.4g}}}}}{{{cell.total:.4g}}} = {cell.weight:.4g}"
            if cell.top >= 0
            else rf"w = \frac{{e^{{{cell.scaled:.4g} + {-cell.top:.4g}}}}}{{{cell.total:.4g}}} = {cell.weight:.4g}"
        )
        st.caption(
            f"“{plain(found.rows[cell.query])}” looks at “{plain(found.columns[cell.key])}”. The {width} products of "
            f"query and key add up to the score. It is divided by √{width}. Its exponential, relative to the largest "
            "score of the row, over the sum of the row's exponentials is the weight."
        )
