"""Signals and gradients through deep networks of different schemes, layer by layer."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations import Propagation, Trace
from engine.fields import Quantity
from engine.figures.activations.style import USUAL, level, lines
from engine.figures.meta import TraceMeta
from engine.figures.style import Array, axis_of, count_axis, layout, light, sizes_axis, values_axis

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


def depth_figure(found: Propagation, quantity: str, predicted: bool = True) -> go.Figure:
    """A quantity of each layer, the mean over the draws with its standard error. Mean-field theory is dotted.

    quantity: a key of ``QUANTITIES``. predicted: whether to draw the prediction.
    """
    spec = found.spec
    layers = np.arange(1, spec.depth + 1)
    order = -1 if quantity in BACK else 1
    traces: list[dict[str, Any]] = []
    said = []
    for trace, line in zip(found.traces, lines(found.traces), strict=True):
        values, error = trace.middle(quantity), trace.error(quantity)
        if predicted and (curve := trace.expectation(quantity)) is not None:
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
    return go.Figure(
        traces,
        layout(
            f"{title} by layer: {'; '.join(said)}.", f"activations-{quantity}",
            xaxis=count_axis("Layer", spec.depth, range=[0.98 - 0.02 * spec.depth, 1.02 * spec.depth + 0.1]),
            yaxis=_axis(quantity, title, [trace.middle(quantity) for trace in found.traces]),
            hovermode="x", uirevision=quantity, run=f"{spec!r} {quantity}", shapes=shapes,
            player={
                "group": GROUP, "steps": max(spec.depth - 1, 1),
                "word": "layers on" if order == 1 else "layers back",
            },
        ),
    )  # fmt: skip


def outputs_figure(found: Propagation, quantity: str) -> go.Figure:
    """The histogram of one layer's outputs: the layer that the player of ``depth_figure`` has reached."""
    depth = found.spec.depth
    reached = np.arange(1, depth + 1)[:: -1 if quantity in BACK else 1]
    places = np.arange(depth)
    titles = [f"Output of layer {layer} / its root mean square" for layer in reached]
    most = max((_height(trace) for trace in found.traces), default=1.0)
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": trace.name, "x": found.middles,
                "y": light(trace.histogram[reached[0] - 1]),
                "meta": TraceMeta(rows=light(trace.histogram[reached - 1]), at=places),
                "line": {"color": line["color"], "width": 2, "shape": "hvh", "dash": line["dash"]},
                "hovertemplate": "near %{x:.3g}: %{y:.3~%}<extra>%{fullData.name}</extra>",
            }
            for trace, line in zip(found.traces, lines(found.traces), strict=True)
        ],
        layout(
            "Histograms of one layer's outputs. It is the layer that the player has reached, or the layer under the "
            "pointer.",
            "activations-histogram",
            xaxis=axis_of(titles[0], range=[found.middles[0], found.middles[-1]], zeroline=True),
            yaxis=axis_of("Share of the outputs", tickformat="~%", range=[0, 1.05 * most]),
            showlegend=False, uirevision="histogram", group=GROUP, titles={"at": places, "texts": titles},
        ),
    )  # fmt: skip


def _axis(quantity: str, title: str, values: list[Array]) -> dict[str, Any]:
    if quantity in ("silent", "flat"):
        return axis_of(title, range=[-0.03, 1.03], tickformat="~%")
    if quantity in ("update", "mean"):
        return values_axis(title, *values)
    return sizes_axis(title, *values)


def _height(trace: Trace) -> float:
    """A height that shows the shapes of the histograms: their tallest intervals may leave the picture."""
    held = trace.histogram[np.isfinite(trace.histogram).all(1)]
    return float(np.quantile(np.sort(held, 1)[:, -2], 0.8)) if len(held) else 0.1
