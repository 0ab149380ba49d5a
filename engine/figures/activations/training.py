"""The training of several networks: curves with a band over the seeds, and each layer's outputs."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations.trained import LAYERED, Curves, Trained
from engine.activations.training_spec import LOOKS
from engine.fields import Quantity
from engine.figures.activations.ridge import ridge, ridge_axes
from engine.figures.activations.style import USUAL, level, lines
from engine.figures.meta import TraceMeta
from engine.figures.style import axis_of, layout, sizes_axis, values_axis, waiting_axis

GROUP = "schemes"
"""The group of the learning curves' player. The histogram follows this player."""

READINGS = {
    "loss": Quantity("Loss", "Cross-entropy"),
    "right": Quantity("Accuracy", "Accuracy"),
    "silent": Quantity("Silent units", "Silent units, mean over layers"),
    "flat": Quantity("Flat", "Flat slopes, mean over layers"),
    "moved": Quantity("Update ratio", "log₁₀ ‖ΔW‖ / ‖W‖, mean over layers"),
}
"""What can be drawn against the step: field of ``Curves`` -> names."""


def trained_figure(found: Trained, reading: str, waits: bool = False) -> go.Figure:
    """The mean over the seeds of a reading, with a band from the least to the greatest. reading: of ``READINGS``.

    waits: a question is open, so the figure shows only where the networks start.
    """
    count = 1 if waits else len(found.steps)
    traces: list[dict[str, Any]] = []
    said = []
    for curves, line in zip(found.curves, lines(found.curves), strict=True):
        values, low, high = (each[:count] for each in (curves.middle(reading), *curves.band(reading)))
        if found.spec.seeds > 1:
            held = np.isfinite(low) & np.isfinite(high)
            steps = found.steps[:count][held]
            traces.append({
                "type": "scatter", "mode": "lines", "name": f"{curves.name}, seeds", "showlegend": False,
                "x": np.concatenate([steps, steps[::-1]]), "y": np.concatenate([high[held], low[held][::-1]]),
                "line": {"width": 0, "color": line["color"]}, "fill": "toself", "opacity": 0.22, "hoverinfo": "skip",
            })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "lines+markers", "name": curves.name, "x": found.steps[:count], "y": values,
            "line": line, "marker": {"size": 4}, "meta": TraceMeta(path=True),
            "hovertemplate": "step %{x}: %{y:.4g}<extra>%{fullData.name}</extra>",
        })  # fmt: skip
        if len(finite := values[np.isfinite(values)]):
            said.append(f"{curves.name} {finite[-1]:.3g}")
    shapes = [level(found.chance)] if reading == "loss" and np.isfinite(found.chance) else []
    return go.Figure(
        traces,
        layout(
            f"{READINGS[reading].title} of each network against the step. At the end: {'; '.join(said)}.",
            f"activations-training-{reading}",
            xaxis=axis_of("Step", range=[0, 1.02 * found.spec.steps]),
            yaxis=_axis(reading, found, count), shapes=[level(USUAL)] if reading == "moved" else shapes,
            uirevision=reading, run=f"{found.spec!r} {reading}",
            player={"group": GROUP, "steps": int(found.steps[-1]), "along": True},
        ),
    )  # fmt: skip


def layer_figure(found: Trained, layer: int) -> go.Figure:
    """The histograms of one layer's outputs during the training. layer: counted from 1.

    The step that the player has reached is lit.
    """
    titles = [f"Output of layer {layer}, scaled. Lit: step {step}" for step in found.steps]
    rows = [curves.histogram[:, layer - 1] for curves in found.curves]
    grid = np.linspace(0, found.spec.steps, LOOKS)
    x, y = ridge_axes(found.middles, grid, len(rows))
    return go.Figure(
        ridge(
            [curves.name for curves in found.curves], lines(found.curves), rows, found.middles, found.steps, grid,
            np.arange(len(found.steps)), found.steps, "step %{customdata[1]:.0f}",
        ),
        layout(
            f"Histograms of the outputs of layer {layer} during the training: one column for each network. The step "
            "that the player has reached is lit.",
            "activations-training-histogram",
            xaxis=axis_of(titles[-1], **x), yaxis=axis_of("Step", **y), showlegend=False,
            uirevision="histogram", group=GROUP, titles={"at": found.steps, "texts": titles},
        ),
    )  # fmt: skip


def _axis(reading: str, found: Trained, count: int) -> dict[str, Any]:
    """The y axis of a reading. count: the looks that are drawn. If it is 1, the axis must not hint at the others."""
    title = READINGS[reading].title
    values = [_whole(curves, reading)[:, :count] for curves in found.curves]
    if reading == "moved":
        return values_axis(title, *values)
    if reading == "loss":
        return waiting_axis(title, *values) if count == 1 else sizes_axis(title, *values)
    return axis_of(title, range=[-0.03, 1.03], tickformat="~%")


def _whole(curves: Curves, reading: str) -> Any:
    values = getattr(curves, reading)
    return values.mean(-1) if reading in LAYERED else values
