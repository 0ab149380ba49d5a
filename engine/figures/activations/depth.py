"""Signals and gradients through deep networks of different schemes, layer by layer."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations import Propagation
from engine.fields import Quantity
from engine.figures.activations.ridge import ridge, ridge_axes
from engine.figures.activations.style import USUAL, level, lines
from engine.figures.meta import TraceMeta
from engine.figures.style import Array, axis_of, count_axis, layout, sizes_axis, values_axis, waiting_axis

GROUP = "depth"
"""The group of the player that walks through the layers. The histogram follows this player."""

QUANTITIES = {
    "signal": Quantity("Signal", "Signal, ‖h‖"),
    "gradient": Quantity("Gradient of the signal", "Gradient of the signal, ‖∂L/∂h‖"),
    "weight_gradient": Quantity("Weight gradient", "Weight gradient, ‖∂L/∂W‖"),
    "update": Quantity("Update ratio", "log₁₀ of step length over weight length, ‖ΔW‖ / ‖W‖"),
    "silent": Quantity("Silent units", "Share of units that are 0 for every input"),
    "flat": Quantity("Flat", "Share of slopes below the threshold"),
    "mean": Quantity("Mean", "Mean of the outputs"),
    "spread": Quantity("Spread", "Standard deviation of the outputs"),
}
"""The quantities that can be drawn for each layer: field of ``Trace`` -> names."""

BACK = ("gradient", "weight_gradient", "update")
"""The quantities that are computed from the last layer to the first."""


def depth_figure(found: Propagation, quantity: str, waits: bool = False) -> go.Figure:
    """A quantity of each layer, the mean over the draws with its standard error. Mean-field theory is dotted.

    quantity: a key of ``QUANTITIES``. waits: a question is open, so the figure holds no measured number.
    """
    spec = found.spec
    layers = np.arange(1, spec.depth + 1)
    order = -1 if quantity in BACK else 1
    traces: list[dict[str, Any]] = []
    said = []
    for trace, line in zip(found.traces, lines(found.traces), strict=True):
        values, error = trace.middle(quantity), trace.error(quantity)
        if waits:
            values = error = np.full(spec.depth, np.nan)
        elif (curve := trace.expectation(quantity)) is not None:
            traces.append({
                "type": "scatter", "mode": "lines", "name": "expected", "x": layers, "y": curve, "showlegend": False,
                "line": line | {"width": 1.5, "dash": "dot"},
                "hovertemplate": "%{y:.4g} expected<extra>%{fullData.name}</extra>",
            })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "lines+markers" if spec.depth <= 50 else "lines", "name": trace.name,
            "x": layers[::order], "y": values[::order], "line": line, "marker": {"size": 5},
            "meta": TraceMeta(path=True), "customdata": error[::order, None],
            "hovertemplate": "layer %{x}: %{y:.4g} ± %{customdata[0]:.2g}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
        said.append(f"{trace.name} from {values[0]:.3g} in the first layer to {values[-1]:.3g} in the last")
    title = QUANTITIES[quantity].title
    shapes = [level(USUAL)] if quantity == "update" else []
    shown = [] if waits else [trace.middle(quantity) for trace in found.traces]
    return go.Figure(
        traces,
        layout(
            f"{title} by layer{'' if waits else ': ' + '; '.join(said)}.", f"activations-{quantity}",
            xaxis=count_axis("Layer", spec.depth, range=[0.98 - 0.02 * spec.depth, 1.02 * spec.depth + 0.1]),
            yaxis=_axis(quantity, title, shown),
            hovermode="x", uirevision=quantity, run=f"{spec!r} {quantity}", shapes=shapes,
            player={
                "group": GROUP, "steps": max(spec.depth - 1, 1),
                "word": "layers on" if order == 1 else "layers back",
            },
        ),
    )  # fmt: skip


def outputs_figure(found: Propagation, quantity: str) -> go.Figure:
    """The histograms of all layers' outputs. The layer that the player of ``depth_figure`` has reached is lit."""
    depth = found.spec.depth
    layers = np.arange(1, depth + 1)
    order = np.arange(depth)[:: -1 if quantity in BACK else 1]
    places = np.arange(depth)
    titles = [f"Output, scaled. Lit: layer {layers[row]}" for row in order]
    x, y = ridge_axes(found.middles, layers, len(found.traces))
    return go.Figure(
        ridge(
            [trace.name for trace in found.traces], lines(found.traces), [trace.histogram for trace in found.traces],
            found.middles, layers, layers, order, places, "layer %{customdata[1]:.0f}",
        ),
        layout(
            "Histograms of the outputs, layer by layer: one column for each network. The layer that the player has "
            "reached, or the layer under the pointer, is lit.",
            "activations-histogram",
            xaxis=axis_of(titles[0], **x), yaxis=axis_of("Layer", **y),
            showlegend=False, uirevision="histogram", group=GROUP, titles={"at": places, "texts": titles},
        ),
    )  # fmt: skip


def _axis(quantity: str, title: str, values: list[Array]) -> dict[str, Any]:
    """The y axis of a quantity. Without ``values``, a question is open, and the axis must not hint at the answer."""
    if quantity in ("silent", "flat"):
        return axis_of(title, range=[-0.03, 1.03], tickformat="~%")
    if quantity in ("update", "mean"):
        return values_axis(title, *(values or [np.array([USUAL - 2, 0.0] if quantity == "update" else [-1.0, 1.0])]))
    return sizes_axis(title, *values) if values else waiting_axis(title, np.ones(1))
