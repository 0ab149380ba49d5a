"""The curves: one quantity of each run against the step."""

import numpy as np
import plotly.graph_objects as go

from engine.figures.meta import TraceMeta
from engine.figures.style import layout, log_ticks
from engine.figures.surfaces.parts import GROUP, alt_of, lines, place_of, run_of
from engine.surfaces import QUANTITIES, Descent

DOWN, UP = 6, 1
"""The decades below and above its start that a curve has room for while a question about it is open."""


def curves_figure(descent: Descent, quantity: str, waits: bool = False) -> go.Figure:
    """One column of the table against the step, on a log axis. A loss is shown as the height above the lowest minimum.

    quantity: a key of ``QUANTITIES``. If the lowest minimum is not known, the loss itself is shown on a linear axis.
    waits: a question is open, so the axis must not give away how the runs end.
    """
    height = quantity == "loss" and descent.bounded
    linear = quantity == "loss" and not height
    values = [descent.excess(run) if height else run.columns[quantity] for run in descent.runs]
    extent = None if linear else descent.extent(quantity)
    ends = [float(np.log10(extent[0])) - 0.3, float(np.log10(extent[1])) + 0.5] if extent else None
    if waits:
        ends = _around(float(values[0][0]), linear)
    title = f"Loss above the minimum {descent.lowest:.4g}" if height and descent.lowest else QUANTITIES[quantity].title
    return go.Figure(
        [
            {
                "type": "scatter",
                "mode": "lines",
                "name": run.label,
                "y": shown,
                "line": line | {"width": 2},
                "meta": TraceMeta(follow=True),
                "hovertemplate": "step %{x}<br>%{y:.5g}<extra>%{fullData.name}</extra>",
            }
            for (run, line), shown in zip(lines(descent), values, strict=True)
        ],
        layout(
            alt_of(descent, f"{title} of each optimizer against the step."),
            f"{descent.spec.surface}-{quantity}",
            group=GROUP,
            run=run_of(descent),
            margin={"l": 64, "r": 12, "t": 8, "b": 42},
            showlegend=False,  # the legend of the map beside it is enough
            xaxis={"title": {"text": "step", "standoff": 4}, "range": [0, descent.spec.steps], "zeroline": False},
            yaxis={
                "title": {"text": title, "standoff": 4},
                "type": "linear" if linear else "log",
                "zeroline": False,
                "range": ends,
                **(log_ticks(*ends) if ends and not linear else {"exponentformat": "power", "nticks": 8}),
            },
            uirevision=f"{place_of(descent)} {quantity}",
        ),
    )


def _around(start: float, linear: bool) -> list[float]:
    """The range of an axis that depends only on where the curves begin."""
    if not np.isfinite(start):
        start = 1.0
    if linear:
        return [start - max(1, abs(start)), start + max(1, abs(start))]
    place = float(np.log10(start)) if start > 0 else 0.0
    return [place - DOWN, place + UP]
