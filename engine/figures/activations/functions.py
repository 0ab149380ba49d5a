"""Activation functions with their slopes, the distribution of their inputs, and what comes out."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations import Comparison
from engine.figures.style import MARK, Array, axis_of, layout, light

HEIGHT = 0.55
"""The height of the inputs' distribution at its peak, for a spread of 1, in units of the y axis."""


def functions_figure(found: Comparison, slopes: bool = True) -> go.Figure:
    """Each function, its slope dashed, and the normal distribution of the inputs. Its handle is at (mean, spread)."""
    spec = found.spec
    bell = HEIGHT * np.exp(-(((found.z - spec.mean) / spec.spread) ** 2) / 2)
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "name": "Inputs", "x": found.z, "y": light(bell),
            "line": {"width": 0}, "fill": "tozeroy", "fillcolor": "rgba(134,139,148,0.35)", "hoverinfo": "skip",
            "showlegend": False,
        }
    ]  # fmt: skip
    for each in found.responses:
        line = {"color": each.colour, "width": 2.5, "dash": "solid"}
        if slopes:
            traces.append({
                "type": "scatter", "mode": "lines", "name": f"{each.name}, slope", "x": found.z,
                "y": light(each.slope), "line": line | {"width": 1.5, "dash": "dash"}, "showlegend": False,
                "hovertemplate": "slope %{y:.4g} at z = %{x:.2f}<extra>%{fullData.name}</extra>",
            })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "lines", "name": each.name, "x": found.z, "y": light(each.value), "line": line,
            "hovertemplate": "f = %{y:.4g} at z = %{x:.2f}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
    traces.append({
        "type": "scatter", "mode": "markers", "name": "Inputs: mean and spread", "x": [spec.mean], "y": [spec.spread],
        "marker": {"symbol": "circle-open", "size": 13, "line": {"width": 3}}, "meta": {"marker": MARK},
        "showlegend": False, "hovertemplate": "mean %{x:.3g}, spread %{y:.3g}<extra>inputs</extra>",
    })  # fmt: skip
    said = ", ".join(each.name for each in found.responses)
    return go.Figure(
        traces,
        layout(
            f"{said}, with their slopes, over inputs with mean {spec.mean:g} and spread {spec.spread:g}.",
            "activations-functions",
            xaxis=axis_of("Input z", range=[found.z[0], found.z[-1]], zeroline=True),
            yaxis=axis_of("f(z), and its slope dashed", range=[-2.2, 3.2], zeroline=True),
            hovermode="closest", uirevision="functions", start=[spec.mean, spec.spread],
        ),
    )  # fmt: skip


def responses_figure(found: Comparison) -> go.Figure:
    """The histogram of each function's outputs, for the drawn inputs."""
    middles = (found.edges[1:] + found.edges[:-1]) / 2
    most = max((_height(each.density) for each in found.responses), default=1.0)
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": each.name, "x": middles, "y": light(each.density),
                "line": {"color": each.colour, "width": 2, "shape": "hvh"},
                "hovertemplate": "outputs near %{x:.3g}: density %{y:.3g}<extra>%{fullData.name}</extra>",
            }
            for each in found.responses
        ],
        layout(
            "Histograms of the outputs: " + "; ".join(
                f"{each.name} mean {each.mean:.3g}, spread {each.spread:.3g}" for each in found.responses
            ) + ".",
            "activations-outputs",
            xaxis=axis_of("Output f(z)", zeroline=True),
            yaxis=axis_of("Density", range=[0, 1.05 * most]),
            showlegend=False, uirevision="outputs",
        ),
    )  # fmt: skip


def _height(density: Array) -> float:
    """A height that shows the shape of a density: a single interval with a tall spike may leave the picture."""
    return float(np.sort(density)[-3])
