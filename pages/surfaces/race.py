"""A race down a surface: the map or the relief, the curves beside it, and how each run ended."""

from typing import Any

import streamlit as st

from engine.figures.colours import colours
from engine.figures.surfaces import curves_figure, map_figure, solid_figure
from engine.surfaces import Descent, PlaceSpec, finding, outcome_table, outcomes, remedies
from engine.surfaces.experiments import LANDMARKS, TERRAIN
from pages.ui import Column, PageState, chart, computed, control, look, plain, table

ENDS = (
    Column("label", "Optimizer"),
    Column("loss", "Final loss", ".6g"),
    Column("to_tolerance", "Steps to tolerance", "d"),
    Column("distance", "Distance", ".3g", about="To the nearest known minimum, at the end"),
    Column("load", "η·λ", ".3g", about="The last learning rate times the largest curvature at the nearest minimum"),
    Column(
        "limit",
        "Stability limit",
        ".3g",
        about="The limit of η·λ on a quadratic. Methods that rescale each coordinate have no such limit",
    ),
    Column("verdict", "End", detail="reason"),
)
"""The table of outcomes."""

LEGEND = (
    "Click the surface to move the start, or drag its ring ○. Arrows show directions only: dotted is downhill, dashed "
    "is momentum, solid is the step that the method takes."
)
KINDS = {
    "minimum": "★ minimum",
    "saddle": "× saddle",
    "maximum": "▲ maximum",
    "degenerate": "◇ flat point: gradient 0, and curvature 0 in some direction",
}
"""The kinds of critical points, and what their symbols on the map mean."""

SOLID_LEGEND = (
    "Click the surface to move the start, drag to turn it. ◆ minimum, ○ start. Heights above the lowest "
    "point are on a logarithmic scale."
)


def what_is_seen(_: PageState, descent: Descent) -> str:
    return finding(descent)


def labels(descent: Descent) -> list[str]:
    """The names of the paths."""
    return [run.label for run in descent.runs]


def from_above(state: PageState, descent: Descent) -> None:
    """Draw the view "Map"."""
    points = computed(LANDMARKS, state.settings.only(PlaceSpec))
    seen = {*points.kind, *(["minimum"] if descent.surface.minima else [])}
    marks = ", ".join(text for kind, text in KINDS.items() if kind in seen)
    _race(state, descent, map_figure, "surfaces-map", f"{LEGEND} {marks}{'.' if marks else ''}".rstrip())


def in_three_dimensions(state: PageState, descent: Descent) -> None:
    """Draw the view "3-D"."""
    _race(state, descent, solid_figure, "surfaces-solid", SOLID_LEGEND)


def _race(state: PageState, descent: Descent, figure: Any, key: str, legend: str) -> None:
    """Draw the surface with every path, the curves, and the table of outcomes. key: the key of the surface's chart."""
    place = state.settings.only(PlaceSpec)
    points, terrain = computed(LANDMARKS, place), computed(TERRAIN, place)
    surface = descent.surface
    left, right = st.columns([3, 2], gap="medium")
    with left:
        move = state.callback(lambda now, x, y: {"start": (x, y)})
        chart(figure(descent, terrain, points, mark=look().mark), key, height=470, picked=look().marking or move)
        st.caption(legend)
        st.latex(f"f = {surface.formula}")
        title, address = surface.source
        st.caption(f"{surface.about} [{title}]({address})" if address else surface.about)
        if terrain.missing:
            st.caption(
                f"On {terrain.missing:.2%} of the window, f is not a finite number. "
                "The map is hatched there, and the relief has a gap."
            )
    with right:
        control(state, "curve", hidden=True)
        if state.settings.curve == "distance" and not surface.minima:
            st.info("This surface has no known minimum to measure the distance to.")
        else:
            chart(curves_figure(descent, state.settings.curve, look().waits), "surfaces-curves", height=470)
        if points.truncated:
            st.caption(f"Only the {len(points.kind)} lowest critical points of this surface are marked.")
    if look().waits:
        return
    st.header("How it ended")
    shades = colours([run.lane for run in descent.runs])
    table(outcome_table(outcomes(descent)), ENDS, "surfaces-ends", "How each optimizer's run ended", shades)
    what_to_try(state, descent)


def what_to_try(state: PageState, descent: Descent) -> None:
    """Draw a panel with a remedy for each run that reached no minimum. The trials are made when it is opened."""
    key = f"{state.name}/try"
    with st.popover("What to try", icon=":material/lightbulb:", key=key, on_change=state.answer) as panel:
        if panel.open:
            tried = zip(descent.runs, remedies(descent.spec), strict=True)
            said = [f"**{plain(run.label)}**: {plain(remedy)}" for run, remedy in tried if remedy]
            for sentence in said:
                st.markdown(sentence)
            st.caption(
                "Each was tried. Nothing is said about a run that reached a minimum, or for which nothing helped."
                if said
                else "No trial led to a minimum, or all runs reached one."
            )
