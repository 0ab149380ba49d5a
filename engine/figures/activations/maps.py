"""The variance map of each network, with its layers and its fixed point."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations.maps import SHOWN, Theory
from engine.figures.activations.style import lines
from engine.figures.style import axis_of, layout, light, log_ticks

DIAGONAL = "#868b94"


def maps_figure(found: Theory) -> go.Figure:
    """From one layer's variance to the next one's. Dots: the layers. A ring: the fixed point. Gray: no change."""
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "name": "no change", "x": SHOWN, "y": SHOWN, "hoverinfo": "skip",
            "line": {"color": DIAGONAL, "width": 1.5, "dash": "dash"},
        }
    ]  # fmt: skip
    for each, line in zip(found.maps, lines(found.maps), strict=True):
        common = {"type": "scatter", "name": each.name, "legendgroup": each.name}
        traces.append(common | {
            "mode": "lines", "x": light(each.q), "y": light(each.following), "line": line,
            "hovertemplate": "variance %{x:.3g}, next layer %{y:.3g}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
        numbers = np.arange(1, len(each.layers))
        traces.append(common | {
            "mode": "markers", "x": each.layers[:-1], "y": each.layers[1:], "showlegend": False,
            "marker": {"color": line["color"], "size": 6}, "customdata": numbers,
            "hovertemplate": "layer %{customdata}: %{x:.3g}, next layer %{y:.3g}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
        if 0 < each.fixed < np.inf:
            ring = {"symbol": "circle-open", "size": 14, "color": line["color"], "line": {"width": 2.5}}
            traces.append(common | {
                "mode": "markers", "x": [each.fixed], "y": [each.fixed], "marker": ring, "showlegend": False,
                "hovertemplate": "fixed point %{x:.4g}<extra>%{fullData.name}</extra>",
            })  # fmt: skip
    ends = np.log10(SHOWN).tolist()
    said = "; ".join(f"{each.name} {each.fixed:.3g}" for each in found.maps)
    return go.Figure(
        traces,
        layout(
            f"The variance of the next layer's pre-activations against that of a layer. Fixed points: {said}.",
            "activations-maps",
            xaxis=axis_of("Variance of a layer's pre-activations", type="log", range=ends, **log_ticks(*ends)),
            yaxis=axis_of("Variance in the next layer", type="log", range=ends, **log_ticks(*ends)),
            uirevision="maps",
        ),
    )  # fmt: skip
