"""The map: a surface from above, with its critical points and the path of each optimizer."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.figures.meta import TraceMeta
from engine.figures.style import MARK, RELIEF, layout, light
from engine.figures.surfaces.parts import GROUP, YOURS, alt_of, lines, named, path_of, place_of, player_of, run_of
from engine.numerals import written
from engine.surfaces import CriticalPoints, Descent, Terrain, moments
from engine.surfaces.relief import DECADES
from engine.surfaces.surface import Point

CONTOUR = 0.2
"""The distance of two contours, on the relief's scale."""

HATCH = 4
"""The distance of two strokes where a surface is undefined, in points of the grid."""

CRITICAL = {
    "minimum": ("minimum", "star"),
    "saddle": ("saddle", "x-thin"),
    "maximum": ("maximum", "triangle-up"),
    "degenerate": ("flat point", "diamond-open"),
}
"""The name and the symbol of each kind of critical point. A flat point's curvature is 0 in some direction."""


def map_figure(
    descent: Descent, terrain: Terrain, points: CriticalPoints, group: str = GROUP, mark: Point | None = None
) -> go.Figure:
    """The surface from above, with every optimizer's path. x and y have the same scale.

    group: that of its player. mark: the place that the visitor has predicted.
    """
    (left, right), (low, high) = descent.surface.domain
    shown = terrain.around or terrain
    return go.Figure(
        [
            {
                "type": "contour",
                "x": shown.x,
                "y": shown.y,
                "z": light(shown.relief),
                "customdata": light(shown.z),
                "zmin": 0,
                "zmax": DECADES,
                "contours": {"start": CONTOUR, "end": 2 * DECADES, "size": CONTOUR},
                "colorscale": RELIEF["light"],
                "meta": TraceMeta(colorscale=RELIEF),
                "line": {"width": 0.6, "smoothing": 0.8, "color": "rgba(110, 130, 165, 0.45)"},
                "hovertemplate": "x %{x:.4g}<br>y %{y:.4g}<br>f %{customdata:.5g}<extra></extra>",
                "colorbar": _bar(terrain),
                "showlegend": False,
            },
            *_hatching(shown),
            *_marks(points, descent, mark),
            *(
                path_of(run, happened, line) | {"type": "scatter"}
                for (run, line), happened in zip(lines(descent), moments(descent), strict=True)
            ),
        ],
        layout(
            alt_of(descent, "Map of the surface with the path of each optimizer."),
            f"{descent.spec.surface}-map",
            player=player_of(descent, group),
            run=run_of(descent),
            start=list(descent.spec.origin()),
            xaxis={"title": {"text": "x", "standoff": 4}, "range": [left, right], "zeroline": False, "showgrid": False},
            yaxis={"title": {"text": "y", "standoff": 4}, "range": [low, high], "zeroline": False, "showgrid": False}
            | {"scaleanchor": "x", "scaleratio": 1},  # steps are perpendicular to contours only on equal scales
            uirevision=place_of(descent),
        ),
    )


def _hatching(terrain: Terrain) -> list[dict[str, Any]]:
    """Strokes at every ``HATCH``-th point of the grid where the surface has no finite height."""
    rows, columns = (HATCH * place for place in np.nonzero(terrain.undefined[::HATCH, ::HATCH]))
    if not len(rows):
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "undefined",
            "x": terrain.x[columns],
            "y": terrain.y[rows],
            "marker": {"symbol": "line-ne-open", "size": 12, "color": "#868b94", "line": {"width": 1}},
            "hovertemplate": "x %{x:.4g}<br>y %{y:.4g}<br>f is not a finite number here<extra></extra>",
            "showlegend": False,
        }
    ]


def _marks(points: CriticalPoints, descent: Descent, mark: Point | None) -> list[dict[str, Any]]:
    """Markers for the critical points, one trace for each kind, for the start and the visitor's mark.

    Known minima are larger.
    """
    small = 11 if len(points.kind) < 30 else 6
    found = [
        (name, symbol, small, points.points[[each == kind for each in points.kind]])
        for kind, (name, symbol) in CRITICAL.items()
        if kind in points.kind
    ]
    known = np.array(descent.surface.minima).reshape(-1, 2)
    start = np.array([descent.spec.origin()])
    yours = np.array([mark] if mark else []).reshape(-1, 2)
    more = [
        ("minimum", "star", 13, known),
        ("start", "circle-open", 13, start),
        (YOURS, "circle-cross-open", 17, yours),
    ]
    return [
        {
            "type": "scatter",
            "name": name,
            **named(name),
            "x": at[:, 0],
            "y": at[:, 1],
            "marker": {"symbol": symbol, "size": size, "color": MARK["light"], "line": {"width": 2}},
            "meta": TraceMeta(marker=MARK),
            "hovertemplate": f"{name}<br>x %{{x:.5g}}<br>y %{{y:.5g}}<extra></extra>",
            "showlegend": False,
        }
        for name, symbol, size, at in [*found, *more]
        if len(at)
    ]


def _bar(terrain: Terrain) -> dict[str, Any]:
    tick_at, tick_of = terrain.ticks
    text = [written(value, 3) for value in tick_of]
    return {"thickness": 10, "outlinewidth": 0, "tickvals": tick_at, "ticktext": text, "title": {"text": "f"}}
