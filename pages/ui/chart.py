"""The one chart of all pages: a figure of ``engine.figures``, drawn in the browser by Plotly.

Streamlit's own chart is mounted again when its figure changes, so it loses zoom and camera. It does not report clicks
on a contour either. This component keeps zoom and camera, and reports clicks. ``engine.figures.meta`` explains which
entries of a figure's ``meta`` it reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui.assets import PLOTLY, component

LOOK = "look"
"""Where the session keeps how charts are drawn in this run: see ``Look``."""


@dataclass(frozen=True)
class Look:
    """How all charts of a run are drawn.

    waits: a question is open, so paths stand at their start, and other results are hidden.
    asks: the visitor may answer a question by watching, so even a visitor who wants no motion begins at the first step.
    scale: the size of texts, as a multiple of the usual size.
    marking: the question asks for a mark on the picture, and this function takes it.
    mark: the mark that was set as a prediction.
    """

    waits: bool = False
    asks: bool = False
    scale: float = 1.0
    marking: Callable[[float, float], None] | None = None
    mark: tuple[float, float] | None = None


def look() -> Look:
    """How charts are drawn in this run of this session."""
    found: Look = st.session_state.get(LOOK, Look())
    return found


def chart(figure: Any, key: str, height: int = 420, picked: Callable[[float, float], None] | None = None) -> None:
    """Show ``figure``, a plotly.graph_objects.Figure. ``key`` identifies the chart across reruns.

    height: the height of the plot without its player, in pixels.
    picked: called with x and y of a click, in data coordinates, before the rerun that the click causes.
    """

    def forward() -> None:
        point = st.session_state[key].picked
        if picked is not None and point is not None:
            picked(float(point["x"]), float(point["y"]))

    component("chart")(
        key=key,
        data={
            "figure": figure.to_json(),
            "height": height,
            "pick": picked is not None,
            "plotly": PLOTLY,
            "waits": look().waits,
            "asks": look().asks,
            "marking": look().marking is not None,
            "scale": look().scale,
        },
        on_picked_change=forward,
    )
