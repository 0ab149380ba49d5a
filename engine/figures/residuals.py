"""The plain network and its residual twin: gradients by layer, by path and by input."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.figures.meta import TraceMeta
from engine.figures.style import axis_of, count_axis, layout, light, sizes_axis
from engine.residuals.blocks import PARTS, BlockFlow
from engine.residuals.example import Textbook
from engine.residuals.paths import Highway
from engine.residuals.shattered import Shattering
from engine.signals.flow import TWINS, Flow, motion

COLOURS = {"plain": "#ae4006", "residual": "#1065b2"}

GROUP = "flow"
"""The player of the quantities by layer; the histogram follows it."""

QUANTITIES = {
    "weight_mean": "mean |∂L/∂W|",
    "weight_gradient": "‖∂L/∂W‖",
    "gradient": "‖∂L/∂h‖",
    "signal": "‖h‖",
    "relative": "‖∂L/∂W‖ / ‖W‖",
}
"""What can be drawn of each layer, by field of ``Trace``."""

PART_STYLES = {
    "query": ("#1f77d0", "solid", "circle"), "key": ("#9a54c4", "dash", "square"),
    "value": ("#1a8a4a", "solid", "diamond"), "attention_projection": ("#0e8a94", "solid", "triangle-up"),
    "mlp": ("#c25a00", "solid", "cross"), "mlp_projection": ("#c9417f", "solid", "triangle-down"),
}  # fmt: skip
"""Colour, dash and marker of each part of a block: legible on both themes, apart without colours too."""

SHARES = [
    [0.0, "#ae4006"], [0.4, "rgba(174, 64, 6, 0.6)"], [0.5, "rgba(134, 139, 148, 0.12)"],
    [0.6, "rgba(16, 101, 178, 0.6)"], [1.0, "#1065b2"],
]  # fmt: skip
"""Negative shares, none, and positive ones, small ones told apart best: legible on both themes."""


def textbook_figure(textbook: Textbook) -> go.Figure:
    """Mean |gradient| of each layer's weight, both columns side by side on a log axis."""
    layers = [f"Layer {number}" for number in range(1, len(textbook.plain) + 1)]
    bars = [
        {
            "type": "bar", "name": TWINS[twin], "x": layers, "y": getattr(textbook, twin),
            "marker": {"color": COLOURS[twin]},
            "hovertemplate": "%{x}: %{y:.8g}<extra>%{fullData.name}</extra>",
        }
        for twin in TWINS
    ]  # fmt: skip
    said = "; ".join(
        f"{TWINS[twin].lower()} {', '.join(f'{value:.3g}' for value in getattr(textbook, twin))}" for twin in TWINS
    )
    return go.Figure(
        bars,
        layout(
            f"Mean absolute gradient of the weights in five layers: {said}.", "residuals-textbook",
            barmode="group",
            yaxis=sizes_axis(QUANTITIES["weight_mean"], np.array(textbook.plain), np.array(textbook.residual)),
        ),
    )  # fmt: skip


def flow_figure(flow: Flow, quantity: str, shortcuts: bool = True) -> go.Figure:
    """A quantity of each layer on a log axis, with mean-field theory's expectation dotted. The player draws a signal
    from the stem on and a gradient from the loss back.

    quantity: a key of ``QUANTITIES``. shortcuts: with the residual twin, else the plain one alone, on the same axis.
    """
    traces: list[dict[str, Any]] = []
    told, sizes = [], []
    order, last = motion(quantity), flow.spec.depth
    for twin in TWINS:
        trace = getattr(flow, twin)
        values = getattr(trace, quantity)
        sizes.append(values)
        if twin == "residual" and not shortcuts:
            continue
        first = 0 if len(values) > flow.spec.depth else 1
        layers = np.arange(first, first + len(values))
        line = {"color": COLOURS[twin], "width": 2.5, "dash": "solid"}
        if (curve := trace.expectation(quantity)) is not None:
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
        told.append(f"{TWINS[twin].lower()} from {values[0]:.3g} in the first layer to {values[-1]:.3g} in the last")
    return go.Figure(
        traces,
        layout(
            f"{QUANTITIES[quantity]} by layer: {'; '.join(told)}.", f"residuals-{quantity}",
            xaxis=count_axis("Layer", last, range=[-0.02 * last - 0.1, 1.02 * last + 0.1]),
            yaxis=sizes_axis(QUANTITIES[quantity], *sizes),
            hovermode="x", uirevision=quantity,
            player={
                "group": GROUP,
                "steps": len(sizes[0]) - 1,
                "word": "layers on" if order == 1 else "layers back",
            },
        ),
    )  # fmt: skip


def histogram_figure(flow: Flow, quantity: str, shortcuts: bool = True) -> go.Figure:
    """How large the gradients of one layer's weights are: the layer that ``flow_figure``'s player has reached, or that
    the pointer is at there."""
    shown = [twin for twin in TWINS if shortcuts or twin == "plain"]
    shares = {twin: np.array([getattr(flow, twin).shares(layer) for layer in range(1, flow.spec.depth + 1)])
              for twin in shown}  # fmt: skip
    reached = flow.reached(quantity)
    places = np.arange(len(reached))
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
            "Sizes of the gradients of one layer's weights, the layer that the player has reached or that the pointer "
            "is at.",
            "residuals-histogram",
            xaxis=axis_of(
                f"|∂L/∂w| in layer {reached[0]}", type="log", exponentformat="power", nticks=6,
                range=np.log10(flow.edges[[0, -1]]).tolist(),
            ),
            yaxis=axis_of("Share of the weights", tickformat="~%", range=[0, 1.05 * most]),
            uirevision="histogram",
            group=GROUP, titles={"at": places, "texts": [f"|∂L/∂w| in layer {layer}" for layer in reached]},
        ),
    )  # fmt: skip


def shares_figure(highway: Highway) -> go.Figure:
    """What came by each shortcut and what through its branch, of the gradient at the shortcut's beginning."""
    spans = np.arange(1, len(highway.shortcut) + 1)
    bars = {"By the shortcut": (highway.shortcut, COLOURS["residual"]),
            "Through the branch": (highway.branch, COLOURS["plain"])}  # fmt: skip
    return go.Figure(
        [
            {
                "type": "bar", "name": name, "x": spans, "y": shares, "marker": {"color": colour},
                "hovertemplate": "shortcut %{x}: %{y:.1~%}<extra>%{fullData.name}</extra>",
            }
            for name, (shares, colour) in bars.items()
        ],
        layout(
            "Share of the gradient that came by the shortcut and through the branch, shortcut by shortcut. By the "
            f"first one {highway.shortcut[0]:.1%}, by the last {highway.shortcut[-1]:.1%}.",
            "residuals-shares",
            barmode="relative", bargap=0.15,
            xaxis=count_axis("Shortcut, first to last", len(spans)),
            yaxis=axis_of("Share of the gradient", tickformat="~%", zeroline=True),
        ),
    )  # fmt: skip


def lengths_figure(highway: Highway) -> go.Figure:
    """The share of each path length in the gradient at each place of the trunk."""
    places = np.arange(len(highway.norm))
    shares = highway.lengths
    most = float(np.nanmax(np.abs(shares))) if np.isfinite(shares).any() else 1.0
    mean = highway.mean_length()
    return go.Figure(
        [
            {
                "type": "heatmap", "x": places, "y": places, "z": light(shares.T), "colorscale": SHARES,
                "zmin": -most, "zmax": most, "colorbar": {"title": {"text": "Share"}, "tickformat": "~%"},
                "hovertemplate": "state %{x}, %{y} branches: %{z:.2~%}<extra></extra>", "hoverongaps": False,
            },
            {
                "type": "scatter", "mode": "lines", "name": "mean", "x": places, "y": mean, "showlegend": False,
                "line": {"color": "#868b94", "width": 2, "dash": "dot"},
                "hovertemplate": "state %{x}: %{y:.3g} branches on average<extra></extra>",
            },
        ],
        layout(
            "Share of the paths through so many branches in the gradient at each state between shortcuts. At the stem "
            f"a path goes through {mean[0]:.3g} of {len(places) - 1} branches on average.",
            "residuals-paths",
            xaxis=count_axis("State between shortcuts", len(places)),
            yaxis=count_axis("Branches on the path", highway.longest(), range=[-0.5, max(highway.longest(), 3) + 0.5]),
        ),
    )  # fmt: skip


def arc_figure(shattering: Shattering) -> go.Figure:
    """The component of both twins' gradients along the arc, one above the other, each on a scale of its own."""
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": TWINS[twin], "x": shattering.angle,
                "y": getattr(shattering, twin), "yaxis": side, "line": {"color": COLOURS[twin], "width": 1.5},
                "hovertemplate": "at %{x:.3f} radians: %{y:.4g}<extra>%{fullData.name}</extra>",
            }
            for twin, side in zip(TWINS, ("y", "y2"), strict=True)
        ],
        layout(
            "The component of the gradient along the arc at each input, without and with shortcuts.",
            "residuals-arc",
            xaxis=axis_of("Place on the arc, radians", anchor="y2"),
            yaxis=axis_of("Without", domain=[0.54, 1], nticks=5, zeroline=True, exponentformat="power"),
            yaxis2=axis_of("With", domain=[0, 0.46], nticks=5, zeroline=True, exponentformat="power"),
        ),
    )  # fmt: skip


def shattering_figure(shattering: Shattering) -> go.Figure:
    """How alike the gradients of two inputs are, against the distance of the inputs."""
    curves = {twin: getattr(shattering, f"{twin}_likeness") for twin in TWINS}
    near = "; ".join(f"{TWINS[twin].lower()} {values[8]:.2f}" for twin, values in curves.items())
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": TWINS[twin], "x": shattering.lag, "y": values,
                "line": {"color": COLOURS[twin], "width": 2.5},
                "hovertemplate": "%{x:.3f} radians apart: %{y:.3f}<extra>%{fullData.name}</extra>",
            }
            for twin, values in curves.items()
        ],
        layout(
            f"Mean cosine of the gradients at two inputs against their distance. At {shattering.lag[8]:.3f} radians: "
            f"{near}.",
            "residuals-shattering",
            xaxis=axis_of("Distance of two inputs, radians"),
            yaxis=axis_of("Cosine of their gradients", zeroline=True, range=[-0.3, 1.05]),
        ),
    )  # fmt: skip


def block_figure(flow: BlockFlow, whole: BlockFlow) -> go.Figure:
    """The size of the gradient of each sub-layer's weights, block by block, on a log axis; dotted, of the ``whole``
    blocks with nothing switched off."""
    traces = []
    for part, (colour, dash, symbol) in PART_STYLES.items():
        common = {"type": "scatter", "x": np.arange(1, flow.spec.blocks + 1), "legendgroup": part}
        if flow.spec != whole.spec:
            traces.append(common | {
                "mode": "lines", "name": f"{PARTS[part]}, nothing off", "y": whole.norm[part], "showlegend": False,
                "line": {"color": colour, "width": 1.5, "dash": "dot"},
                "hovertemplate": "block %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
            })  # fmt: skip
        if part in flow.norm:
            traces.append(common | {
                "mode": "lines+markers", "name": PARTS[part], "y": flow.norm[part],
                "line": {"color": colour, "width": 2, "dash": dash}, "marker": {"size": 7, "symbol": symbol},
                "hovertemplate": "block %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
            })  # fmt: skip
    said = "; ".join(f"{PARTS[part].lower()} {norm[0]:.3g} to {norm[-1]:.3g}" for part, norm in flow.norm.items())
    return go.Figure(
        traces,
        layout(
            f"Norm of the gradient of each sub-layer's weights, from the first block to the last: {said}.",
            "residuals-blocks",
            xaxis=axis_of("Block", dtick=1),
            yaxis=sizes_axis(QUANTITIES["weight_gradient"], *flow.norm.values(), *whole.norm.values()),
        ),
    )  # fmt: skip
