"""The textbook's example."""

import numpy as np
import plotly.graph_objects as go

from engine.figures.residuals.style import COLOURS, QUANTITIES
from engine.figures.style import layout, sizes_axis
from engine.residuals.example import Textbook
from engine.signals.flow import TWINS


def textbook_figure(textbook: Textbook) -> go.Figure:
    """Mean |gradient| of each layer's weight on a log axis. The two networks stand side by side."""
    layers = [f"Layer {number}" for number in range(1, len(textbook.plain) + 1)]
    said = "; ".join(
        f"{TWINS[twin].lower()} {', '.join(f'{value:.3g}' for value in getattr(textbook, twin))}" for twin in TWINS
    )
    return go.Figure(
        [
            {
                "type": "bar", "name": TWINS[twin], "x": layers, "y": getattr(textbook, twin),
                "marker": {"color": COLOURS[twin]},
                "hovertemplate": "%{x}: %{y:.8g}<extra>%{fullData.name}</extra>",
            }
            for twin in TWINS
        ],
        layout(
            f"Mean absolute gradient of the weights in five layers: {said}.", "residuals-textbook",
            barmode="group",
            yaxis=sizes_axis(QUANTITIES["weight_mean"].title, np.array(textbook.plain), np.array(textbook.residual)),
        ),
    )  # fmt: skip
