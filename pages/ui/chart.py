"""The one chart of all pages: a figure of ``engine.figures``, drawn in the browser by Plotly.

Streamlit's own chart mounts anew when its figure changes (zoom and camera are lost) and reports no click on a contour;
this component does neither. See ``js/chart.js`` for what it reads from ``layout.meta``.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.assets import PLOTLY

HERE = Path(__file__).parent / "js"
PARTS = ("theme.js", "player.js", "overlay.js", "chart.js")


@cache
def _component() -> Any:
    return st.components.v2.component(
        "gradient_lab.chart",
        html=(HERE / "chart.html").read_text(),
        css=(HERE / "chart.css").read_text(),
        js="\n".join((HERE / part).read_text() for part in PARTS),
        isolate_styles=False,
    )


def chart(figure: Any, key: str, height: int = 420, picked: Callable[[float, float], None] | None = None) -> None:
    """Show ``figure`` (plotly.graph_objects.Figure). ``key`` is the chart's identity across reruns.

    height: pixels of the plot without its player.
    picked: called with the x and y of a click, in data coordinates, before the rerun that the click causes.
    """

    def forward() -> None:
        point = st.session_state[key].picked
        if picked is not None and point is not None:
            picked(float(point["x"]), float(point["y"]))

    _component()(
        key=key,
        data={
            "figure": figure.to_json(),
            "height": height,
            "pick": picked is not None,
            "plotly": PLOTLY,
        },
        on_picked_change=forward,
    )
