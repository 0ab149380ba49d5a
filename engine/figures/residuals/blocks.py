"""The gradients of the parts of transformer blocks."""

import numpy as np
import plotly.graph_objects as go

from engine.figures.residuals.style import QUANTITIES
from engine.figures.style import axis_of, layout, sizes_axis
from engine.residuals.blocks import PARTS, BlockFlow

PART_STYLES = {
    "query": ("#1f77d0", "solid", "circle"), "key": ("#9a54c4", "dash", "square"),
    "value": ("#1a8a4a", "solid", "diamond"), "attention_projection": ("#0e8a94", "solid", "triangle-up"),
    "mlp": ("#c25a00", "solid", "cross"), "mlp_projection": ("#c9417f", "solid", "triangle-down"),
}  # fmt: skip
"""Colour, dash and marker of each part of a block. They are readable in both themes, and distinct without colours."""


def block_figure(flow: BlockFlow, whole: BlockFlow) -> go.Figure:
    """The norm of each part's gradient, block by block, on a log axis.

    whole: the gradients of the blocks with nothing switched off, drawn dotted.
    """
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
            yaxis=sizes_axis(QUANTITIES["weight_gradient"].title, *flow.norm.values(), *whole.norm.values()),
        ),
    )  # fmt: skip
