"""The share of the gradient that came along the shortcuts: at the start of a training, and during it."""

import numpy as np
import plotly.graph_objects as go

from engine.figures.meta import TraceMeta
from engine.figures.residuals.style import COLOURS, learning_player, reached
from engine.figures.style import axis_of, count_axis, layout, light
from engine.residuals.paths import Highway
from engine.residuals.trained import Training

SHARES = [
    [0.0, "#b84708"], [0.4, "rgba(184, 71, 8, 0.6)"], [0.5, "rgba(134, 139, 148, 0.12)"],
    [0.6, "rgba(26, 111, 194, 0.6)"], [1.0, "#1a6fc2"],
]  # fmt: skip
"""Colours of shares from negative to positive, readable in both themes. They change fastest near 0."""

CARRIED = [[0.0, "rgba(26, 111, 194, 0.06)"], [1.0, "#1a6fc2"]]
"""Colours of the share that came along a shortcut, from the smallest to the largest."""

HIGHWAY = "highway"
"""The group of the history's player. The profile follows this player."""


def shares_figure(highway: Highway) -> go.Figure:
    """The gradient at the beginning of each shortcut, in two shares: along the shortcut and through its branch."""
    spans = np.arange(1, len(highway.shortcut) + 1)
    bars = {"By the shortcut": (highway.shortcut, COLOURS["residual"]),
            "Through the branch": (1 - highway.shortcut, COLOURS["plain"])}  # fmt: skip
    return go.Figure(
        [
            {
                "type": "bar", "name": name, "x": spans, "y": shares, "marker": {"color": colour},
                "hovertemplate": "shortcut %{x}: %{y:.1~%}<extra>%{fullData.name}</extra>",
            }
            for name, (shares, colour) in bars.items()
        ],
        layout(
            "Share of the gradient that came along the shortcut and through the branch, for each shortcut. Along the "
            f"first one {highway.shortcut[0]:.1%}, along the last one {highway.shortcut[-1]:.1%}.",
            "residuals-shares",
            barmode="relative", bargap=0.15,
            xaxis=count_axis("Shortcut, first to last", len(spans)),
            yaxis=axis_of("Share of the gradient", tickformat="~%", zeroline=True),
        ),
    )  # fmt: skip


def lengths_figure(highway: Highway) -> go.Figure:
    """For each position between shortcuts, the share of the gradient that came along paths of each length."""
    places = np.arange(len(highway.norm))
    shares = highway.lengths
    most = float(np.nanmax(np.abs(shares))) if np.isfinite(shares).any() else 1.0
    mean = highway.mean_length()
    return go.Figure(
        [
            {
                "type": "heatmap", "x": places, "y": places, "z": light(shares.T), "colorscale": SHARES,
                "zmin": -most, "zmax": most, "colorbar": {"title": {"text": "Share"}, "tickformat": "~%"},
                "hovertemplate": "position %{x}, %{y} branches: %{z:.2~%}<extra></extra>", "hoverongaps": False,
            },
            {
                "type": "scatter", "mode": "lines", "name": "mean", "x": places, "y": mean, "showlegend": False,
                "line": {"color": "#868b94", "width": 2, "dash": "dot"},
                "hovertemplate": "position %{x}: %{y:.3g} branches on average<extra></extra>",
            },
        ],
        layout(
            "For each number of branches, the share of the gradient that came along paths through that many branches, "
            f"at each position in the network. At the stem: {mean[0]:.3g} of {len(places) - 1} branches on average.",
            "residuals-paths",
            xaxis=count_axis("Position in the network", len(places)),
            yaxis=count_axis("Branches on the path", highway.longest(), range=[-0.5, max(highway.longest(), 3) + 0.5]),
        ),
    )  # fmt: skip


def history_figure(training: Training) -> go.Figure:
    """The share of the gradient that came along each shortcut, at each recorded step of a training."""
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
            f"Share of the gradient that came along each shortcut, over the training. On average {carried[0]:.1%} at "
            f"the start, {training.carried_last():.1%} at the end.",
            "residuals-history",
            xaxis=axis_of("Step", range=[0, training.spec.steps]),
            yaxis=count_axis("Shortcut, first to last", len(spans)),
            uirevision="history", player=learning_player(training, HIGHWAY),
            run=repr(training.spec),
        ),
    )  # fmt: skip


def profile_figure(training: Training) -> go.Figure:
    """The gradient at the stem as shares of the path lengths, at the step that the player has reached."""
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
            "For each number of branches, the share of the gradient at the stem that came along paths through so many "
            "branches, at the step that the player has reached.",
            "residuals-profile",
            bargap=0.15,
            xaxis=count_axis(reached(training, "Branches on the path")[-1], len(counts)),
            yaxis=axis_of(
                "Share of the gradient at the stem", tickformat="~%", range=[ends[0] - margin, ends[1] + margin]
            ),
            uirevision="profile",
            group=HIGHWAY,
            titles={"at": training.steps, "texts": reached(training, "Branches on the path")},
        ),
    )  # fmt: skip
