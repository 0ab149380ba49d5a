"""A race down a surface: the map or the relief, the curves beside it, and how each run ended."""

from typing import Any

import streamlit as st

from engine.figures.surfaces import curves_figure, map_figure, solid_figure
from engine.surfaces import Descent, PlaceSpec, outcome_table, outcomes
from engine.surfaces.experiments import LANDMARKS, TERRAIN
from pages.ui import Column, PageState, chart, computed, control, table

ENDS = (
    Column("label", "Optimizer"),
    Column("loss", "Final loss", ".6g"),
    Column("to_tolerance", "Steps to tolerance", "d"),
    Column("distance", "Distance", ".3g", about="To the nearest known minimum, at the end"),
    Column("load", "η·λ", ".3g", about="The last rate times the largest curvature at that minimum"),
    Column(
        "limit",
        "Stable below",
        ".3g",
        about="The limit of η·λ on a quadratic. Methods that rescale each coordinate have no such number",
    ),
    Column("verdict", "End", detail="reason"),
)
"""The table of outcomes."""

LEGEND = (
    "Click the surface to move the start. Arrows show directions: dotted downhill, dashed momentum, solid the step "
    "taken, preconditioned as the method does. ★ minimum, × saddle, ▲ maximum, ◇ degenerate."
)
SOLID_LEGEND = (
    "Click the surface to move the start, drag to turn it. ◆ minimum, ○ start. The scale of heights is logarithmic "
    "above the lowest."
)


def from_above(state: PageState, descent: Descent) -> None:
    """The view "Map"."""
    _race(state, descent, map_figure, "surfaces-map", LEGEND)


def in_three_dimensions(state: PageState, descent: Descent) -> None:
    """The view "3-D"."""
    _race(state, descent, solid_figure, "surfaces-solid", SOLID_LEGEND)


def _race(state: PageState, descent: Descent, figure: Any, key: str, legend: str) -> None:
    """The surface with every path, the curves, and the table of outcomes. key: of the chart."""
    place = state.settings.only(PlaceSpec)
    points = computed(LANDMARKS, place)
    surface = descent.surface
    left, right = st.columns([3, 2], gap="medium")
    with left:
        move = state.callback(lambda now, x, y: {"start": (x, y)})
        chart(figure(descent, computed(TERRAIN, place), points), key, height=470, picked=move)
        st.caption(legend)
        st.latex(f"f = {surface.formula}")
        title, address = surface.source
        st.caption(f"{surface.about} [{title}]({address})" if address else surface.about)
    with right:
        control(state, "curve", hidden=True, segmented=True)
        if state.settings.curve == "distance" and not surface.minima:
            st.info("This surface has no known minimum to measure the distance to.")
        else:
            chart(curves_figure(descent, state.settings.curve), "surfaces-curves", height=470)
        if points.truncated:
            st.caption(f"Only the {len(points.kind)} lowest of its critical points are marked.")
    st.header("How it ended")
    colours = [run.lane.display.colour for run in descent.runs]
    table(outcome_table(outcomes(descent)), ENDS, "surfaces-ends", "How each optimizer's run ended", colours)
