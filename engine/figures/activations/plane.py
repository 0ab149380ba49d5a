"""The plane of weight and bias variance, and the correlation of two inputs in the chosen network."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations import Phase
from engine.figures.meta import ByTheme, TraceMeta
from engine.figures.style import FONT, MARK, axis_of, count_axis, layout, light

COLOUR = "#3589fe"

SLOW: ByTheme[list[list[float | str]]] = {
    "light": [[0.0, "#f4f7fb"], [0.5, "#a9c3e2"], [1.0, "#2f629f"]],
    "dark": [[0.0, "#101c2c"], [0.5, "#27507f"], [1.0, "#7fb0ea"]],
}
"""Colours of the depth scale: strong where a gradient lives long."""

SHORT, LONG = 1.0, 1000.0
"""The ends of the colours, in layers."""


def plane_figure(found: Phase) -> go.Figure:
    """The depth scale as colour, the edge of chaos as a line, and the chosen network as a dot."""
    spec = found.spec
    with np.errstate(divide="ignore"):
        shown = np.log10(np.clip(found.scale, SHORT, LONG))
    chi = np.where(np.isfinite(found.chi), found.chi, np.nan)
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap", "x": found.weights, "y": found.biases, "z": light(shown), "zmin": 0, "zmax": 3,
            "zsmooth": "best", "customdata": np.stack([light(found.chi), light(found.scale), light(found.moment)], -1),
            "meta": TraceMeta(colorscale=SLOW), "name": "plane",
            "colorbar": {
                "title": {"text": "Depth scale,<br>in layers", "side": "top", "font": {"size": FONT}},
                "tickvals": [0, 1, 2, 3], "ticktext": ["1", "10", "100", "1000"], "thickness": 12, "len": 0.9,
            },
            "hovertemplate": "weights %{x:.3g}, biases %{y:.3g}<br>χ %{customdata[0]:.4g}, depth scale "
            "%{customdata[1]:.3g} layers<br>q* %{customdata[2]:.3g}<extra></extra>",
        },
        {
            "type": "contour", "x": found.weights, "y": found.biases, "z": light(chi), "showscale": False,
            "contours": {"coloring": "none", "start": 1, "end": 1, "size": 1}, "line": {"color": "#ec3a05", "width": 3},
            "name": "χ = 1, the edge of chaos", "showlegend": True, "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "markers", "x": [spec.weight], "y": [spec.bias], "name": "Your network",
            "marker": {"symbol": "circle-open", "size": 15, "line": {"width": 3}}, "meta": {"marker": MARK},
            "hovertemplate": "your network: weights %{x:.4g}, biases %{y:.4g}<extra></extra>",
        },
    ]  # fmt: skip
    side = "ordered: gradients vanish" if found.own_chi < 1 else "chaotic: gradients explode"
    if not np.isfinite(found.own_chi):
        side = "theory says nothing about it"
    return go.Figure(
        traces,
        layout(
            f"The plane of weight and bias variance. The chosen network has chi {found.own_chi:.4g}: {side}.",
            "activations-plane",
            xaxis=axis_of("Weight variance, n · Var W", range=[found.weights[0], found.weights[-1]]),
            yaxis=axis_of("Bias variance", range=[found.biases[0], found.biases[-1]]),
            uirevision="plane", start=[spec.weight, spec.bias],
        ),
    )  # fmt: skip


def correlation_figure(found: Phase, waits: bool = False) -> go.Figure:
    """The correlation of the two inputs in each layer, measured with its standard error, and predicted.

    waits: a question is open, so the figure shows only the first layer.
    """
    count = 1 if waits else found.spec.depth
    layers = np.arange(1, count + 1)
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": "Predicted", "x": layers, "y": found.predicted[:count],
                "line": {"color": COLOUR, "width": 1.5, "dash": "dot"},
                "hovertemplate": "%{y:.4f} predicted<extra></extra>",
            },
            {
                "type": "scatter", "mode": "lines+markers", "name": "Measured", "x": layers,
                "y": found.measured[:count], "line": {"color": COLOUR, "width": 2.5}, "marker": {"size": 5},
                "meta": TraceMeta(path=True),
                "error_y": {"type": "data", "array": found.error[:count], "thickness": 1, "width": 2},
                "hovertemplate": "layer %{x}: %{y:.4f}<extra>measured</extra>",
            },
        ],
        layout(
            f"Correlation of two inputs by layer: from {found.measured[0]:.3g} to {found.measured[-1]:.3g}, predicted "
            f"{found.predicted[-1]:.3g}.",
            "activations-correlation",
            xaxis=count_axis("Layer", found.spec.depth, range=[0, found.spec.depth + 1]),
            yaxis=axis_of("Correlation of the two signals", range=[-1.05, 1.05], zeroline=True),
            uirevision="correlation", run=repr(found.spec),
            player={"group": "correlation", "steps": max(found.spec.depth - 1, 1), "word": "layers on"},
        ),
    )  # fmt: skip
