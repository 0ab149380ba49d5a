"""A ridge of histograms: one row for each layer or step, one column for each network. The player lights a row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.figures.meta import TraceMeta
from engine.figures.style import Array, light

ROWS = 25
"""The most rows that are drawn. If there are more layers or steps, only every second, third, ... one has a row."""

PEAK, CUT = 1.8, 2.4
"""The height of a usual peak, and the height at which a taller one is cut, as multiples of the space between rows."""

APART = 1.12
"""The space from one column to the next, as a multiple of the width of a histogram."""


def ridge(
    names: Sequence[str],
    lines: Sequence[dict[str, Any]],
    shares: Sequence[Array],
    middles: Array,
    places: NDArray[Any],
    grid: NDArray[Any],
    order: NDArray[Any],
    at: NDArray[Any],
    hover: str,
) -> list[dict[str, Any]]:
    """The traces of a ridge. The y axis of places points down, so that a histogram rises towards smaller places.

    names, lines: of each network. shares: of each network, the share of outputs in each interval, [P, BINS]; a row with
        NaN is left out. middles: of the intervals, [BINS]. places: where each row stands on the y axis, rising, [P].
    grid: the places of all rows that may still come, increasing; they decide which rows are drawn, and how tall.
    order: the rows in the order in which the player reaches them, [P]. at: the steps at which it does, [P].
    hover: how a place is called, such as "layer %{customdata[1]:.0f}".
    """
    space = _space(grid)
    drawn = np.arange(0, len(places), _every(grid))
    traces: list[dict[str, Any]] = []
    width = APART * (middles[-1] - middles[0])
    ends = np.concatenate([middles[:1], middles, middles[-1:]])
    for number, (name, line, own) in enumerate(zip(names, lines, shares, strict=True)):
        rows = np.pad(own, ((0, 0), (1, 1)), constant_values=0.0)
        rows[~np.isfinite(own).all(1)] = np.nan
        heights = places[:, None] - space * np.minimum(PEAK * rows / _usual(own), CUT)
        x = np.append(ends, np.nan) + number * width
        gap = np.full((len(drawn), 1), np.nan)
        told = np.stack([np.hstack([rows[drawn], gap]), np.repeat(places[drawn, None], len(x), 1)], -1)
        traces.append({
            "type": "scatter", "mode": "lines", "name": name, "x": light(np.tile(x, len(drawn))),
            "y": light(np.hstack([heights[drawn], gap]).ravel()), "customdata": light(told.reshape(-1, 2)),
            "line": {"color": line["color"], "width": 1}, "fill": "toself", "fillcolor": _faded(line["color"], 0.14),
            "hoveron": "points",
            "hovertemplate": f"{hover}: %{{customdata[0]:.3~%}}<extra>%{{fullData.name}}</extra>",
        })  # fmt: skip
        lit = light(heights[order])
        traces.append({
            "type": "scatter", "mode": "lines", "name": name, "x": light(x[:-1]), "y": lit[0],
            "meta": TraceMeta(rows=lit, at=at), "line": line | {"width": 2.5}, "fill": "toself",
            "fillcolor": _faded(line["color"], 0.5), "hoverinfo": "skip",
        })  # fmt: skip
    return traces


def ridge_axes(middles: Array, grid: NDArray[Any], networks: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The attributes of the x and the y axis of a ridge, apart from their titles. grid: as for ``ridge``."""
    width = APART * (middles[-1] - middles[0])
    marks = (-2, 0, 2) if networks <= 3 else (0,)
    space = _space(grid)
    x = {
        "range": [middles[0], middles[-1] + (networks - 1) * width],
        "tickvals": [number * width + mark for number in range(networks) for mark in marks],
        "ticktext": [str(mark).replace("-", "−") for _ in range(networks) for mark in marks],
    }
    y = {
        "range": [grid[-1] + 0.4 * space, grid[0] - (CUT + 0.1) * space],
        "tickvals": _ticks(round(grid[0]), round(grid[-1])),
        "showgrid": False,
    }
    return x, y


def _ticks(first: int, last: int) -> list[int]:
    """The first place, and multiples of a round number up to the last one."""
    decades = (10**power for power in range(9))
    step = next(digit * decade for decade in decades for digit in (1, 2, 5) if last <= 5 * digit * decade)
    return [first, *(place for place in range(step, last + 1, step) if place > first)]


def _every(grid: NDArray[Any]) -> int:
    return -(-len(grid) // ROWS)


def _space(grid: NDArray[Any]) -> float:
    """The space between two rows that are drawn."""
    return float(grid[-1] - grid[0]) / max(len(grid) - 1, 1) * _every(grid) or 1.0


def _usual(shares: Array) -> float:
    """The share that a peak usually has. One interval with a spike, such as the zeros of a ReLU, is left out."""
    held = shares[np.isfinite(shares).all(1)]
    return float(np.quantile(np.sort(held, 1)[:, -2], 0.8)) or 1.0 if len(held) else 1.0


def _faded(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha})"
