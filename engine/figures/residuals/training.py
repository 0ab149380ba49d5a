"""The training of both twins step by step, and their final results for each depth."""

import numpy as np
import plotly.graph_objects as go

from engine.figures.meta import TraceMeta
from engine.figures.residuals.style import (
    COLOURS,
    QUANTITIES,
    READINGS,
    last_values,
    learning_axis,
    learning_player,
    reached,
)
from engine.figures.style import axis_of, count_axis, layout, light, sizes_axis
from engine.residuals.trained import Sweep, Training
from engine.signals.flow import TWINS

LEARNING = "training"
"""The group of the learning curves' player. The gradients by layer follow this player."""


def learning_figure(training: Training, reading: str, waits: bool = False) -> go.Figure:
    """The learning curves of both twins. reading: a key of ``READINGS``. waits: a question about them is open."""
    curves = getattr(training, reading)
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines+markers", "name": TWINS[twin], "x": training.steps, "y": values,
                "marker": {"size": 4},
                "line": {"color": COLOURS[twin], "width": 2.5, "dash": "solid"}, "meta": TraceMeta(path=True),
                "hovertemplate": "step %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
            }
            for twin, values in curves.items()
        ],
        layout(
            f"{READINGS[reading]} of the twins against the step. At the end: {last_values(curves)}.",
            f"residuals-{reading}",
            xaxis=axis_of("Step", range=[0, 1.02 * training.spec.steps]),
            yaxis=learning_axis(reading, *curves.values(), waits=waits),
            uirevision=reading, player=learning_player(training, LEARNING),
            run=f"{training.spec!r} {reading}",
        ),
    )  # fmt: skip


def gradients_figure(training: Training) -> go.Figure:
    """The norm of each layer's gradient at the step that the player has reached, on a log axis."""
    layers = np.arange(1, training.spec.depth + 1)
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": TWINS[twin], "x": layers, "y": light(found[-1]),
                "line": {"color": COLOURS[twin], "width": 2.5}, "meta": TraceMeta(rows=light(found), at=training.steps),
                "hovertemplate": "layer %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
            }
            for twin, found in training.gradient.items()
        ],
        layout(
            "Norm of the gradient of each layer's weights at the step that the player has reached.",
            "residuals-gradients",
            xaxis=count_axis(reached(training)[-1], training.spec.depth),
            yaxis=sizes_axis(QUANTITIES["weight_gradient"].title, *training.gradient.values()),
            uirevision="gradients", group=LEARNING, titles={"at": training.steps, "texts": reached(training)},
        ),
    )  # fmt: skip


def sweep_figure(sweep: Sweep, reading: str) -> go.Figure:
    """The final result of both twins at each depth. reading: a key of ``READINGS``."""
    curves = getattr(sweep, reading)
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines+markers", "name": TWINS[twin], "x": sweep.depths, "y": values,
                "line": {"color": COLOURS[twin], "width": 2.5}, "marker": {"size": 7},
                "hovertemplate": "%{x} layers: %{y:.4g}<extra>%{fullData.name}</extra>",
            }
            for twin, values in curves.items()
        ],
        layout(
            f"{READINGS[reading]} after training against the depth. At the greatest depth: {last_values(curves)}.",
            f"residuals-sweep-{reading}",
            xaxis=axis_of("Layers", type="log", tickvals=sweep.depths, ticktext=[str(depth) for depth in sweep.depths]),
            yaxis=learning_axis(reading, *curves.values()),
            uirevision=reading,
        ),
    )  # fmt: skip
