"""The training of several networks: curves with a band over the seeds, and each layer's outputs."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.activations.trained import LAYERED, Curves, Trained
from engine.fields import Quantity
from engine.figures.activations.style import USUAL, level, lines
from engine.figures.meta import TraceMeta
from engine.figures.style import axis_of, layout, light, sizes_axis, values_axis

GROUP = "schemes"
"""The group of the learning curves' player. The histogram follows this player."""

READINGS = {
    "loss": Quantity("Loss", "Cross-entropy"),
    "right": Quantity("Accuracy", "Accuracy"),
    "silent": Quantity("Silent units", "Share of silent units, mean over the layers"),
    "flat": Quantity("Flat", "Share of flat slopes, mean over the layers"),
    "moved": Quantity("Update ratio", "log₁₀ ‖ΔW‖ / ‖W‖, mean over the layers"),
}
"""What can be drawn against the step: field of ``Curves`` -> names."""


def trained_figure(found: Trained, reading: str) -> go.Figure:
    """The mean over the seeds of a reading, with a band from the least to the greatest. reading: of ``READINGS``."""
    traces: list[dict[str, Any]] = []
    said = []
    for curves, line in zip(found.curves, lines(found.curves), strict=True):
        values, (low, high) = curves.middle(reading), curves.band(reading)
        if found.spec.seeds > 1:
            held = np.isfinite(low) & np.isfinite(high)
            steps = found.steps[held]
            traces.append({
                "type": "scatter", "mode": "lines", "name": f"{curves.name}, seeds", "showlegend": False,
                "x": np.concatenate([steps, steps[::-1]]), "y": np.concatenate([high[held], low[held][::-1]]),
                "line": {"width": 0, "color": line["color"]}, "fill": "toself", "opacity": 0.22, "hoverinfo": "skip",
            })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "lines+markers", "name": curves.name, "x": found.steps, "y": values,
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
            yaxis=_axis(reading, found), shapes=[level(USUAL)] if reading == "moved" else shapes,
            uirevision=reading, run=f"{found.spec!r} {reading}",
            player={"group": GROUP, "steps": int(found.steps[-1]), "along": True},
        ),
    )  # fmt: skip


def layer_figure(found: Trained, layer: int) -> go.Figure:
    """The histogram of one layer's outputs at the step that the player has reached. layer: counted from 1."""
    titles = [f"Output of layer {layer} / its root mean square, after step {step}" for step in found.steps]
    rows = [curves.histogram[:, layer - 1] for curves in found.curves]
    held = np.concatenate([row[np.isfinite(row).all(1)] for row in rows])
    most = float(np.quantile(np.sort(held, 1)[:, -2], 0.8)) if len(held) else 0.1
    return go.Figure(
        [
            {
                "type": "scatter", "mode": "lines", "name": curves.name, "x": found.middles, "y": light(row[-1]),
                "meta": TraceMeta(rows=light(row), at=found.steps), "showlegend": False,
                "line": {"color": line["color"], "width": 2, "shape": "hvh", "dash": line["dash"]},
                "hovertemplate": "near %{x:.3g}: %{y:.3~%}<extra>%{fullData.name}</extra>",
            }
            for curves, row, line in zip(found.curves, rows, lines(found.curves), strict=True)
        ],
        layout(
            f"Histograms of the outputs of layer {layer} at the step that the player has reached.",
            "activations-training-histogram",
            xaxis=axis_of(titles[-1], range=[found.middles[0], found.middles[-1]], zeroline=True),
            yaxis=axis_of("Share of the outputs", tickformat="~%", range=[0, 1.05 * most]),
            uirevision="histogram", group=GROUP, titles={"at": found.steps, "texts": titles},
        ),
    )  # fmt: skip


def _axis(reading: str, found: Trained) -> dict[str, Any]:
    title = READINGS[reading].title
    values = [_whole(curves, reading) for curves in found.curves]
    if reading == "moved":
        return values_axis(title, *values)
    if reading == "loss":
        return sizes_axis(title, *values)
    return axis_of(title, range=[-0.03, 1.03], tickformat="~%")


def _whole(curves: Curves, reading: str) -> Any:
    values = getattr(curves, reading)
    return values.mean(-1) if reading in LAYERED else values
