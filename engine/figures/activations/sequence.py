"""Networks that learn signals: their curves with a band over the seeds, and the test at the end."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations.sequence_trained import SequenceTrained
from engine.fields import Quantity
from engine.figures.activations.style import level
from engine.figures.meta import TraceMeta
from engine.figures.style import axis_of, dashes, layout, sizes_axis

MEASURES = {"right": Quantity("Accuracy", "Accuracy"), "loss": Quantity("Loss", "Cross-entropy")}
"""What can be drawn against the step: field of ``Learned`` -> names."""


def sequence_figure(found: SequenceTrained, measure: str) -> go.Figure:
    """The mean over the seeds of a measure, with a band from the least to the greatest. measure: of ``MEASURES``."""
    traces: list[dict[str, Any]] = []
    said = []
    for curves, dash in zip(found.curves, dashes([curves.colour for curves in found.curves]), strict=True):
        values, (low, high) = curves.middle(measure), curves.band(measure)
        held = np.isfinite(low) & np.isfinite(high)
        if found.spec.seeds > 1:
            steps = found.steps[held]
            traces.append({
                "type": "scatter", "mode": "lines", "name": f"{curves.name}, seeds", "showlegend": False,
                "x": np.concatenate([steps, steps[::-1]]), "y": np.concatenate([high[held], low[held][::-1]]),
                "line": {"width": 0, "color": curves.colour}, "fill": "toself", "opacity": 0.2, "hoverinfo": "skip",
            })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "lines+markers", "name": curves.name, "x": found.steps, "y": values,
            "line": {"color": curves.colour, "width": 2.5, "dash": dash}, "marker": {"size": 4},
            "meta": TraceMeta(path=True), "hovertemplate": "step %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
        if len(finite := values[np.isfinite(values)]):
            said.append(f"{curves.name} {finite[-1]:.3g}")
    title = MEASURES[measure].title
    axis = (
        sizes_axis(title, *(curves.loss for curves in found.curves))
        if measure == "loss"
        else axis_of(title, range=[-0.03, 1.03], tickformat="~%")
    )
    return go.Figure(
        traces,
        layout(
            f"{title} of each network against the step. At the end: {'; '.join(said)}.",
            f"activations-signals-{measure}",
            xaxis=axis_of("Step", range=[0, 1.02 * found.spec.steps]), yaxis=axis,
            shapes=[level(found.chance if measure == "loss" else np.exp(-found.chance))],
            uirevision=measure, run=f"{found.spec!r} {measure}",
            player={"group": "signals", "steps": int(found.steps[-1]), "along": True},
        ),
    )  # fmt: skip


def tested_figure(found: SequenceTrained) -> go.Figure:
    """The accuracy in the test at the end: a dot for each seed, and a line from the worst to the best."""
    traces = [
        {
            "type": "scatter", "mode": "lines+markers", "x": np.sort(curves.tested),
            "y": [curves.name] * len(curves.tested), "name": curves.name, "showlegend": False,
            "line": {"color": curves.colour, "width": 2}, "marker": {"size": 9, "opacity": 0.7},
            "hovertemplate": "%{x:.1%}<extra>%{fullData.name}</extra>",
        }
        for curves in found.curves
    ]  # fmt: skip
    said = "; ".join(f"{curves.name} {curves.tested.mean():.1%}" for curves in found.curves)
    return go.Figure(
        traces,
        layout(
            f"Accuracy in the test, mean over the seeds: {said}.",
            "activations-signals-test",
            xaxis=axis_of("Accuracy in the test", tickformat="~%"),
            yaxis=axis_of("", autorange="reversed", type="category"), uirevision="tested",
        ),
    )  # fmt: skip
