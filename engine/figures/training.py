"""The twins in training: losses, gradients and the highway step by step, and how they end depth by depth."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from engine.figures.meta import Player, TraceMeta
from engine.figures.residuals import COLOURS, QUANTITIES
from engine.figures.style import axis_of, count_axis, layout, light, sizes_axis
from engine.residuals.trained import Sweep, Training
from engine.signals.flow import TWINS

Array = NDArray[np.float64]

CARRIED = [[0.0, "rgba(16, 101, 178, 0.06)"], [1.0, "#1065b2"]]
"""From the least share that came by a shortcut to the greatest."""

LEARNING = "training"
"""The group of the learning curves' player; the gradients by layer follow it."""

HIGHWAY = "highway"
"""The group of the history's player; the profile follows it."""

READINGS = {"loss": "Cross-entropy", "right": "Share right"}
"""What is told of how well a twin does, by field of ``Training`` and ``Sweep``."""


def learning_figure(training: Training, reading: str) -> go.Figure:
    """How well both twins do against the step. reading: a key of ``READINGS``."""
    curves: dict[str, Array] = getattr(training, reading)
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
            f"{READINGS[reading]} of the twins against the step; at last {_told(curves)}.", f"residuals-{reading}",
            xaxis=axis_of("Step", range=[0, 1.02 * training.spec.steps]),
            yaxis=_axis(reading, *curves.values()),
            uirevision=reading, player=_player(training, LEARNING),
        ),
    )  # fmt: skip


def gradients_figure(training: Training) -> go.Figure:
    """The norm of each layer's gradient at the look that the player has reached, twin by twin, on a log axis."""
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
            xaxis=count_axis(_at(training)[-1], training.spec.depth),
            yaxis=sizes_axis(QUANTITIES["weight_gradient"], *training.gradient.values()),
            uirevision="gradients", group=LEARNING, titles={"at": training.steps, "texts": _at(training)},
        ),
    )  # fmt: skip


def history_figure(training: Training) -> go.Figure:
    """The share of the gradient that came by each shortcut, shortcut by step; the player's cursor is at a look."""
    spans = np.arange(1, training.shortcut.shape[1] + 1)
    carried = training.carried()
    return go.Figure(
        [
            {
                "type": "heatmap", "x": training.steps, "y": spans, "z": light(training.shortcut.T),
                "colorscale": CARRIED, "meta": TraceMeta(follow=True),
                "colorbar": {"title": {"text": "By the shortcut"}, "tickformat": "~%"},
                "hovertemplate": "step %{x}, shortcut %{y}: %{z:.1~%}<extra></extra>",
            }
        ],
        layout(
            f"Share of the gradient that came by each shortcut, over the training. On average {carried[0]:.1%} at the "
            f"start, {training.carried_last():.1%} at the end.",
            "residuals-history",
            xaxis=axis_of("Step", range=[0, training.spec.steps]),
            yaxis=count_axis("Shortcut, first to last", len(spans)),
            uirevision="history", player=_player(training, HIGHWAY),
        ),
    )  # fmt: skip


def profile_figure(training: Training) -> go.Figure:
    """At the look that the player has reached: the share of each path length in the gradient at the stem."""
    counts = np.arange(training.lengths.shape[1])
    finite = training.lengths[np.isfinite(training.lengths)]
    ends = [float(finite.min()), float(finite.max())] if len(finite) else [0.0, 1.0]
    margin = 0.05 * (ends[1] - ends[0])
    return go.Figure(
        [
            {
                "type": "bar", "name": "Share of the gradient", "x": counts, "y": light(training.lengths[-1]),
                "marker": {"color": COLOURS["residual"]},
                "meta": TraceMeta(rows=light(training.lengths), at=training.steps),
                "hovertemplate": "%{x} branches: %{y:.2~%}<extra></extra>",
            }
        ],
        layout(
            "Share of the paths through so many branches in the gradient at the stem, at the step that the player has "
            "reached.",
            "residuals-profile",
            bargap=0.15,
            xaxis=count_axis(_at(training, "Branches on the path")[-1], len(counts)),
            yaxis=axis_of(
                "Share of the gradient at the stem", tickformat="~%", range=[ends[0] - margin, ends[1] + margin]
            ),
            uirevision="profile",
            group=HIGHWAY,
            titles={"at": training.steps, "texts": _at(training, "Branches on the path")},
        ),
    )  # fmt: skip


def sweep_figure(sweep: Sweep, reading: str) -> go.Figure:
    """How well both twins ended against their depth. reading: a key of ``READINGS``."""
    curves: dict[str, Array] = getattr(sweep, reading)
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
            f"{READINGS[reading]} after training against the depth; of the deepest {_told(curves)}.",
            f"residuals-sweep-{reading}",
            xaxis=axis_of("Layers", type="log", tickvals=sweep.depths, ticktext=[str(depth) for depth in sweep.depths]),
            yaxis=_axis(reading, *curves.values()),
            uirevision=reading,
        ),
    )  # fmt: skip


def _player(training: Training, group: str) -> Player:
    """A player that goes over the steps of the training so far."""
    return {"group": group, "steps": int(training.steps[-1]), "along": True}


def _at(training: Training, what: str = "Layer") -> list[str]:
    return [f"{what}, after step {step}" for step in training.steps]


def _axis(reading: str, *curves: Array) -> dict[str, Any]:
    if reading == "right":
        return axis_of(READINGS[reading], range=[0, 1.03], tickformat="~%")
    return sizes_axis(READINGS[reading], *curves)


def _told(curves: dict[str, Array]) -> str:
    """The last number of each twin that has one."""
    return "; ".join(
        f"{TWINS[twin].lower()} {_last(values):.3g}" for twin, values in curves.items() if np.isfinite(values).any()
    )


def _last(values: Array) -> float:
    return float(values[np.isfinite(values)][-1])
