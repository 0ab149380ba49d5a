"""The similarity of gradients at neighbouring inputs."""

import plotly.graph_objects as go

from engine.figures.residuals.style import COLOURS
from engine.figures.style import axis_of, layout
from engine.residuals.shattered import Shattering
from engine.signals.flow import TWINS


def arc_figure(shattering: Shattering) -> go.Figure:
    """The component of the gradient along the arc, in one plot for each twin. Each plot has its own scale."""
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
    """The cosine between the gradients at two inputs, against the distance between these inputs."""
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
