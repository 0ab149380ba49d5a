"""LocoProp's local problems: the losses that transfer functions induce, and the schedule of a step."""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from engine.figures.style import layout
from engine.nn import TRANSFERS
from engine.optimizers import RACERS
from engine.race.timeline import ARRANGEMENTS, Timeline

NEUTRAL = TRANSFERS["identity"].colour
"""The colour of the squared loss, which is the identity's matching loss, and of the mark at the target."""

# Above zero the leaky ReLU equals the ReLU, and below zero it is close to it. A dotted line lets both be seen.
DASH = {"leaky_relu": "dot"}

QUANTITIES = {
    "loss": ("matching", "squared", "Local loss of one unit"),
    "slope": ("slope", "squared_slope", "Slope of the local loss"),
}
"""The quantities that can be drawn: the columns of ``induced`` and the title of the axis."""

BARS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        "forward": {"color": "#6d7f96"},
        "backward": {"color": "#6d7f96", "pattern": {"shape": "/", "fillmode": "replace", "size": 5, "solidity": 0.5}},
        "local": {"color": RACERS["locopropm"].display.colour},
    }
)
"""The colour of each kind of task. Local problems have the colour of LocoProp-M."""

NAMES = {"forward": "Forward", "backward": "Backward", "local": "Local problem"}


def induced_figure(
    target: float, curves: Mapping[str, pd.DataFrame], quantity: Literal["loss", "slope"] = "loss"
) -> go.Figure:
    """The matching losses of transfer functions around one target, or their slopes. The squared loss is dashed.

    curves: a key of ``TRANSFERS`` -> its losses around ``target``, as ``induced`` returns them. All use the same grid.
    The axis has the range of the matching losses. The squared loss may go beyond it.
    """
    matching, squared, title = QUANTITIES[quantity]
    first = next(iter(curves.values()))
    at = first["at"].to_numpy()
    lines = [
        (TRANSFERS[key].label, TRANSFERS[key].colour, DASH.get(key, "solid"), curve[matching].to_numpy())
        for key, curve in curves.items()
    ]
    low, high = (end(float(end(values)) for *_, values in lines) for end in (min, max))
    lines.append(("Squared", NEUTRAL, "dash", first[squared].to_numpy()))
    left = 2 * target < at[0] + at[-1]
    ends = "; ".join(f"{name} {values[0]:.3g} and {values[-1]:.3g}" for name, *_, values in lines)
    return go.Figure(
        [
            {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "x": at,
                "y": values,
                "line": {"color": colour, "width": 2.5, "dash": dash, "simplify": False},
                "hovertemplate": "%{y:.4g}",
            }
            for name, colour, dash, values in lines
        ],
        layout(
            f"{title} against its pre-activation, for each transfer function's matching loss and for the squared loss, "
            f"around the target {target:.3g}. At {at[0]:.3g} and {at[-1]:.3g}: {ends}.",
            f"local-{quantity}",
            hovermode="x unified",
            xaxis={
                "title": {"text": "Pre-activation a′", "standoff": 4},
                "range": [at[0], at[-1]],
                "zeroline": False,
                "hoverformat": ".3g",
            },
            yaxis={
                "title": {"text": title, "standoff": 4},
                "range": [low - 0.08 * (high - low), high + 0.12 * (high - low)],
            },
            shapes=[_upright(target)],
            annotations=[
                {"text": f"target a* = {target:.3g}".replace("-", "−"), "x": target,
                 "xanchor": "left" if left else "right", "xshift": 3 if left else -3,
                 "y": 1, "yref": "paper", "yanchor": "top", "showarrow": False},
            ],
        ),
    )  # fmt: skip


def timeline_figure(timeline: Timeline) -> go.Figure:
    """The tasks of a step over time, layer by layer: one after another in the upper plot, in parallel in the lower.

    Time is measured as work, in gradient-equivalents, since all processors are equally fast.
    """
    table = timeline.table()
    names = [f"{layer}: {a:,} → {b:,}" for layer, (a, b) in enumerate(pairwise(timeline.units), 1)]
    totals = {name: timeline.totals[name] / timeline.gradient for name in ARRANGEMENTS}
    first, second = ARRANGEMENTS
    heads = {
        first: f"<b>Layers one after another</b>: {totals[first]:.3g} gradients",
        second: f"<b>In parallel</b>: {totals[second]:.3g} gradients",
    }
    axis = {"autorange": "reversed", "type": "category", "categoryorder": "array", "categoryarray": names,
            "showgrid": False, "dtick": 1, "tickfont": {"size": 11}}  # fmt: skip
    return go.Figure(
        [
            _bars(table[(table["arrangement"] == name) & (table["kind"] == kind)], names, kind, place)
            for place, name in enumerate(ARRANGEMENTS)
            for kind in BARS
        ],
        layout(
            f"Schedule of one LocoProp step with {timeline.steps} local steps on {len(names)} layers: forward pass, "
            f"backward pass, then the local problems. One after another they take {totals[first]:.3g} gradients, in "
            f"parallel {totals[second]:.3g}: at most {timeline.speedup:.3g} times as fast.",
            "local-timeline",
            margin={"l": 110, "r": 12, "t": 30, "b": 42},
            barmode="overlay",
            bargap=0.2,
            xaxis={
                "title": {"text": "Time, in units of one gradient of the batch", "standoff": 4},
                "range": [0, 1.01 * totals[first]],
                "zeroline": False,
                "anchor": "y2",
            },
            yaxis={**axis, "domain": [0.56, 0.93]},
            yaxis2={**axis, "domain": [0, 0.41]},
            shapes=[_upright(totals[second], 0.41)],
            annotations=[
                {"text": heads[name], "x": 0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left",
                 "yanchor": "bottom", "showarrow": False}
                for name, top in zip(ARRANGEMENTS, (0.93, 0.41), strict=True)
            ],
        ),
    )  # fmt: skip


def _bars(tasks: pd.DataFrame, names: list[str], kind: str, place: int) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": NAMES[kind],
        "legendgroup": kind,
        "showlegend": place == 0,
        "y": [names[layer - 1] for layer in tasks["layer"]],
        "yaxis": "y2" if place else "y",
        "base": tasks["start_gradients"].tolist(),  # Plotly does not convert `base` to an array
        "x": tasks["length_gradients"],
        "customdata": tasks.assign(giga=tasks["length"] / 1e9)[["length_gradients", "giga", "start_gradients"]],
        "marker": {**BARS[kind], "line": {"width": 0}},
        # Not %{x}: for a bar with a base, Plotly takes this as the end of the bar.
        "hovertemplate": f"{NAMES[kind]}, layer %{{y}}<br>%{{customdata[0]:.3g}} gradients, "
        "%{customdata[1]:.4g} GFLOP<br>starts at %{customdata[2]:.3g}<extra></extra>",
    }


def _upright(x: float, top: float = 1) -> dict[str, Any]:
    """A thin vertical line at ``x``. It begins at the bottom and covers the share ``top`` of the height of the plot."""
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": top, "yref": "paper", "layer": "below",
            "line": {"color": NEUTRAL, "width": 1.5, "dash": "dot"}}  # fmt: skip
