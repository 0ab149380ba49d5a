"""Signals and gradients of both twins, layer by layer."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.figures.meta import TraceMeta
from engine.figures.residuals.style import COLOURS, QUANTITIES
from engine.figures.style import axis_of, count_axis, layout, light, log_ticks, sizes_axis, waiting_axis
from engine.signals.flow import TWINS, Flow, motion

GROUP = "flow"
"""The group of the player that walks through the layers. The histogram follows this player."""


def flow_figure(flow: Flow, quantity: str, shortcuts: bool = True, waits: bool = False) -> go.Figure:
    """A quantity of each layer on a log axis. The prediction for infinitely wide layers is dotted.

    The player draws a signal forward from the stem, and a gradient backward from the loss.
    quantity: a key of ``QUANTITIES``. shortcuts: whether to draw the residual twin too. The axis is the same in both
    cases. waits: a question is open, so neither the axis nor the prediction may give the result away.
    """
    traces: list[dict[str, Any]] = []
    said, sizes, starts = [], [], []
    order, last, title = motion(quantity), flow.spec.depth, QUANTITIES[quantity].title
    for twin in TWINS:
        trace = getattr(flow, twin)
        values = getattr(trace, quantity)
        sizes.append(values)
        starts.append(values[::order][:1])
        if twin == "residual" and not shortcuts:
            continue
        first = 0 if len(values) > flow.spec.depth else 1
        layers = np.arange(first, first + len(values))
        line = {"color": COLOURS[twin], "width": 2.5, "dash": "solid"}
        if not waits and (curve := trace.expectation(quantity)) is not None:
            traces.append({
                "type": "scatter", "mode": "lines", "name": "expected", "x": layers, "y": curve, "showlegend": False,
                "line": line | {"width": 1.5, "dash": "dot"},
                "hovertemplate": "%{y:.4g} expected<extra>%{fullData.name}</extra>",
            })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "lines+markers" if len(values) <= 50 else "lines", "name": TWINS[twin],
            "x": layers[::order], "y": values[::order], "line": line, "marker": {"size": 5},
            "meta": TraceMeta(path=True),
            "hovertemplate": "layer %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
        said.append(f"{TWINS[twin].lower()} from {values[0]:.3g} in the first layer to {values[-1]:.3g} in the last")
    return go.Figure(
        traces,
        layout(
            f"{title} by layer: {'; '.join(said)}.", f"residuals-{quantity}",
            xaxis=count_axis("Layer", last, range=[-0.02 * last - 0.1, 1.02 * last + 0.1]),
            yaxis=waiting_axis(title, *starts) if waits else sizes_axis(title, *sizes),
            hovermode="x", uirevision=quantity, run=f"{flow.spec!r} {quantity}",
            player={
                "group": GROUP,
                "steps": len(sizes[0]) - 1,
                "word": "layers on" if order == 1 else "layers back",
            },
        ),
    )  # fmt: skip


def histogram_figure(flow: Flow, quantity: str, shortcuts: bool = True) -> go.Figure:
    """A histogram of |gradient| over the weights of one layer.

    It is the layer that the player of ``flow_figure`` has reached, or the layer under the pointer in that figure.
    """
    shown = [twin for twin in TWINS if shortcuts or twin == "plain"]
    shares = {twin: np.array([getattr(flow, twin).shares(layer) for layer in range(1, flow.spec.depth + 1)])
              for twin in shown}  # fmt: skip
    reached = flow.reached(quantity)
    places = np.arange(len(reached))
    names = [f"Gradient of a weight, |∂L/∂w|, in layer {layer}" for layer in reached]
    ends = np.log10(flow.edges[[0, -1]]).tolist()
    most = max((float(np.nanmax(each)) for each in shares.values() if np.isfinite(each).any()), default=1.0)
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": TWINS[twin], "x": flow.middles,
                "y": light(shares[twin][reached[0] - 1]),
                "meta": TraceMeta(rows=light(shares[twin][reached - 1]), at=places),
                "line": {"color": COLOURS[twin], "width": 2, "shape": "hvh"}, "fill": "tozeroy",
                "hovertemplate": "|∂L/∂w| about %{x:.3g}: %{y:.3~%}<extra>%{fullData.name}</extra>",
            }
            for twin in shown
        ],
        layout(
            "Sizes of the gradients of one layer's weights. It is the layer that the player has reached, or the layer "
            "under the pointer.",
            "residuals-histogram",
            xaxis=axis_of(
                names[0], type="log", range=ends, **log_ticks(*ends),
            ),
            yaxis=axis_of("Share of the weights", tickformat="~%", range=[0, 1.05 * most]),
            uirevision="histogram",
            group=GROUP, titles={"at": places, "texts": names},
        ),
    )  # fmt: skip
