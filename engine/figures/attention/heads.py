"""All heads as small maps, one head as a large one, and the products of one of its weights."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.attention import Head, Heads
from engine.figures.meta import ByTheme, TraceMeta
from engine.figures.style import FONT, MARK, Array, axis_of, layout, light

WEIGHT: ByTheme[list[list[float | str]]] = {
    "light": [[0.0, "#f6f9fd"], [0.25, "#bcd3ee"], [1.0, "#0b4f95"]],
    "dark": [[0.0, "#0f1b2b"], [0.25, "#24527f"], [1.0, "#9ccbff"]],
}
"""Colours of a weight, from 0 to 1."""

POSITIVE, NEGATIVE = "#1065b2", "#c85000"

GAP = 1.5
"""The distance between small maps, in cells."""


def heads_figure(found: Heads) -> go.Figure:
    """A small map of each head: a row for each layer. A frame stands around the chosen one."""
    height, width = found.head.weights.shape
    layers = max(each.layer for each in found.heads)
    count = max(each.head for each in found.heads)
    step_y, step_x = height + GAP, width + GAP
    traces: list[dict[str, Any]] = []
    for each in found.heads:
        left, top = (each.head - 1) * step_x, (each.layer - 1) * step_y
        traces.append({
            "type": "heatmap", "x0": left, "dx": 1, "y0": top, "dy": 1, "z": light(each.weights), "zmin": 0, "zmax": 1,
            "showscale": False, "meta": TraceMeta(colorscale=WEIGHT), "xgap": 0, "name": each.label,
            "hovertemplate": f"{each.label}<br>{each.kind}<extra></extra>",
        })  # fmt: skip
    chosen = found.head
    left, top = (chosen.head - 1) * step_x - 0.5, (chosen.layer - 1) * step_y - 0.5
    frame = {
        "type": "rect", "x0": left, "x1": left + width, "y0": top, "y1": top + height,
        "line": {"color": "#ec3a05", "width": 3},
    }  # fmt: skip
    middles = [place * step_y + height / 2 - 0.5 for place in range(layers)]
    return go.Figure(
        traces,
        layout(
            f"{len(found.heads)} small maps of attention, {count} heads in each of {layers} layers. "
            f"Chosen: {chosen.label}.",
            "attention-heads",
            xaxis=axis_of(
                "Head", range=[-1, count * step_x - GAP + 0.5], showgrid=False,
                tickvals=[place * step_x + width / 2 - 0.5 for place in range(count)],
                ticktext=[str(place + 1) for place in range(count)],
            ),
            yaxis=axis_of(
                "Layer", range=[layers * step_y - GAP + 0.5, -1], showgrid=False, tickvals=middles,
                ticktext=[str(place + 1) for place in range(layers)],
            ),
            shapes=[frame], showlegend=False, uirevision="heads",
        ),
    )  # fmt: skip


def head_at(found: Heads, x: float, y: float) -> tuple[int, int]:
    """The layer and the head whose small map lies at (x, y), or nearest to it."""
    height, width = found.head.weights.shape

    def near(each: Head) -> float:
        across: float = abs(x - ((each.head - 1) * (width + GAP) + width / 2 - 0.5)) / width
        down: float = abs(y - ((each.layer - 1) * (height + GAP) + height / 2 - 0.5)) / height
        return across + down

    one = min(found.heads, key=near)
    return one.layer, one.head


def head_figure(found: Heads, weighed: bool = False) -> go.Figure:
    """The chosen head: a row for each token that looks, a column for each token looked at.

    weighed: times the length of what the token looked at adds, instead of the weight alone.
    """
    head, cell = found.head, found.cell
    shown: Array = head.weighed if weighed else head.weights
    noun = "weight times length" if weighed else "weight"
    rows, columns = found.rows, found.columns
    traces: list[dict[str, Any]] = [
        {
            "type": "heatmap", "x0": 0, "dx": 1, "y0": 0, "dy": 1, "z": light(shown), "zmin": 0,
            "zmax": float(shown.max()) if weighed else 1, "meta": TraceMeta(colorscale=WEIGHT), "name": head.label,
            "customdata": np.array([[[row, column] for column in columns] for row in rows]),
            "colorbar": {"title": {"text": noun.capitalize(), "font": {"size": FONT}}, "thickness": 12, "len": 0.9},
            "hovertemplate": f"“%{{customdata[0]}}” looks at “%{{customdata[1]}}”<br>{noun} %{{z:.4f}}<extra></extra>",
        },
        {
            "type": "scatter", "mode": "markers", "x": [cell.key], "y": [cell.query], "name": "Chosen weight",
            "marker": {"symbol": "circle-open", "size": 15, "line": {"width": 3}}, "meta": {"marker": MARK},
            "hoverinfo": "skip", "showlegend": False,
        },
    ]  # fmt: skip
    return go.Figure(
        traces,
        layout(
            f"Map of attention of {head.label}. {found.finding()}",
            "attention-head",
            xaxis=axis_of(
                "Token looked at (key)", range=[-0.5, len(columns) - 0.5], showgrid=False, side="bottom",
                tickvals=list(range(len(columns))), ticktext=list(columns), tickangle=0,
            ),
            yaxis=axis_of(
                "Token that looks (query)", range=[len(rows) - 0.5, -0.5], showgrid=False,
                tickvals=list(range(len(rows))), ticktext=list(rows),
            ),
            uirevision=f"{head.label} {len(rows)} {len(columns)}", start=[cell.key, cell.query], stride=[1, 1],
        ),
    )  # fmt: skip


def cell_figure(found: Heads) -> go.Figure:
    """The products of the chosen query and key, unit by unit. Their sum is the raw score."""
    cell = found.cell
    units = np.arange(1, len(cell.products) + 1)
    return go.Figure(
        [
            {
                "type": "bar", "x": units, "y": light(cell.products), "name": "q k",
                "customdata": np.stack([light(cell.q), light(cell.k)], -1),
                "marker": {"color": [POSITIVE if value > 0 else NEGATIVE for value in cell.products]},
                "hovertemplate": "unit %{x}: %{customdata[0]:.3g} × %{customdata[1]:.3g} = %{y:.3g}<extra></extra>",
            }
        ],
        layout(
            f"The {len(units)} products of query and key. Their sum is {cell.raw:.4g}.",
            "attention-cell",
            xaxis=axis_of("Unit of the head"),
            yaxis=axis_of("q · k of this unit", zeroline=True),
            showlegend=False, uirevision="cell",
        ),
    )  # fmt: skip
