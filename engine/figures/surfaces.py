"""Races on loss surfaces: the map, the relief in 3-D, and the curves against the step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from engine.figures.colours import colours
from engine.figures.meta import Arrow, Player, TraceMeta
from engine.figures.style import MARK, RELIEF, SOLID, dashes, layout, light, log_ticks
from engine.surfaces import QUANTITIES, READOUT, CriticalPoints, Descent, Moment, PlaceSpec, Run, Terrain, moments
from engine.surfaces.relief import DECADES

CLEARANCE = 0.05
"""The distance of paths and marks above the relief, in decades of its height."""

CONTOUR = 0.2
"""The distance of two contours, on the relief's scale."""

HATCH = 4
"""The distance of two strokes where a surface is undefined, in points of the grid."""

CRITICAL = {"minimum": "star", "saddle": "x-thin", "maximum": "triangle-up", "degenerate": "diamond-open"}
"""The symbol of each kind of critical point."""

ARROWS = [
    Arrow(column=READOUT["downhill"], dash=[2, 3]),
    Arrow(column=READOUT["momentum"], dash=[7, 4]),
    Arrow(column=READOUT["step"], dash=[]),
]
"""The vectors drawn at each point, with their columns in a path's ``customdata`` (``Run.readout``)."""

GROUP = "surfaces"
"""The group of the player of the map or the relief. The curves beside it follow this player."""

HOVER = (
    "step %{pointNumber}<br>x %{x:.5g}<br>y %{y:.5g}<br>"
    f"loss %{{customdata[{READOUT['loss']}]:.5g}}<br>gradient %{{customdata[{READOUT['gradient_norm']}]:.3g}}"
)


def map_figure(descent: Descent, terrain: Terrain, points: CriticalPoints, group: str = GROUP) -> go.Figure:
    """The surface from above, with every optimizer's path. x and y have the same scale. group: that of its player."""
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
            *_marks(points, descent),
            *(
                _path(run, happened, line) | {"type": "scatter"}
                for (run, line), happened in zip(_lines(descent), moments(descent), strict=True)
            ),
        ],
        layout(
            _alt(descent, "Map of the surface with the path of each optimizer."),
            f"{descent.spec.surface}-map",
            player=_player(descent, group),
            run=_run(descent),
            start=list(descent.spec.origin()),
            xaxis={"title": {"text": "x", "standoff": 4}, "range": [left, right], "zeroline": False, "showgrid": False},
            yaxis={"title": {"text": "y", "standoff": 4}, "range": [low, high], "zeroline": False, "showgrid": False}
            | {"scaleanchor": "x", "scaleratio": 1},  # steps are perpendicular to contours only on equal scales
            uirevision=_place(descent),
        ),
    )


def solid_figure(descent: Descent, terrain: Terrain, points: CriticalPoints) -> go.Figure:
    """The surface in three dimensions with every optimizer's path. The height is logarithmic, as in the relief."""
    (left, right), (low, high) = descent.surface.domain
    tick_at, tick_of = terrain.ticks
    axis = {"showspikes": False, "title": {"font": {"size": 12}}}
    low_points = [kind == "minimum" for kind in points.kind]
    start = descent.runs[0]
    return go.Figure(
        [
            {
                "type": "surface",
                "x": terrain.x,
                "y": terrain.y,
                "z": light(terrain.relief),
                "customdata": light(terrain.z),
                "colorscale": RELIEF["light"],
                "meta": TraceMeta(colorscale=SOLID),
                "showscale": False,
                "lighting": {"ambient": 0.8, "diffuse": 0.45, "specular": 0.05, "roughness": 0.9},
                "contours": {"x": {"highlight": False}, "y": {"highlight": False}, "z": {"highlight": False}},
                "hovertemplate": "x %{x:.4g}<br>y %{y:.4g}<br>f %{customdata:.5g}<extra></extra>",
            },
            _solid_mark(
                "minimum", "diamond", points.points[low_points], terrain.lift(points.values[low_points], CLEARANCE)
            ),
            _solid_mark(
                "start", "circle-open", start.positions[:1], terrain.lift(start.columns["loss"][:1], CLEARANCE)
            ),
            *(
                _path(run, (), line, width=6) | {"type": "scatter3d", "z": terrain.lift(run.columns["loss"], CLEARANCE)}
                for run, line in _lines(descent)
            ),
        ],
        layout(
            _alt(descent, "The surface in three dimensions with the path of each optimizer."),
            f"{descent.spec.surface}-3d",
            player=_player(descent, arrows=False),
            run=_run(descent),
            margin={"l": 0, "r": 0, "t": 30, "b": 0},
            uirevision=_place(descent),
            scene={
                "xaxis": axis | {"title": {"text": "x"}, "range": [left, right]},
                "yaxis": axis | {"title": {"text": "y"}, "range": [low, high]},
                "zaxis": axis
                | {"title": {"text": "f"}, "tickvals": tick_at, "ticktext": [f"{value:.3g}" for value in tick_of]}
                | {"range": [tick_at[0] - 0.2, tick_at[-1] + 0.2]},  # a diverging path goes out of the picture
                "aspectratio": {"x": 1.2, "y": 1.2, "z": 0.75},
                "camera": {"eye": {"x": -0.42, "y": -1.22, "z": 2.06}, "center": {"x": 0, "y": 0, "z": -0.17}},
                "uirevision": _place(descent),
            },
        ),
    )


def curves_figure(descent: Descent, quantity: str) -> go.Figure:
    """One column of the table against the step, on a log axis. A loss is shown as the height above the lowest minimum.

    quantity: a key of ``QUANTITIES``. If the lowest minimum is not known, the loss itself is shown on a linear axis.
    """
    height = quantity == "loss" and descent.bounded
    linear = quantity == "loss" and not height
    extent = None if linear else descent.extent(quantity)
    ends = [float(np.log10(extent[0])) - 0.3, float(np.log10(extent[1])) + 0.5] if extent else None
    title = f"Loss above the minimum {descent.lowest:.4g}" if height and descent.lowest else QUANTITIES[quantity].title
    return go.Figure(
        [
            {
                "type": "scatter",
                "mode": "lines",
                "name": run.label,
                "y": descent.excess(run) if height else run.columns[quantity],
                "line": line | {"width": 2},
                "meta": TraceMeta(follow=True),
                "hovertemplate": "step %{x}<br>%{y:.5g}<extra>%{fullData.name}</extra>",
            }
            for run, line in _lines(descent)
        ],
        layout(
            _alt(descent, f"{title} of each optimizer against the step."),
            f"{descent.spec.surface}-{quantity}",
            group=GROUP,
            run=_run(descent),
            margin={"l": 64, "r": 12, "t": 8, "b": 42},
            showlegend=False,  # the legend of the map beside it is enough
            xaxis={"title": {"text": "step", "standoff": 4}, "range": [0, descent.spec.steps], "zeroline": False},
            yaxis={
                "title": {"text": title, "standoff": 4},
                "type": "linear" if linear else "log",
                "zeroline": False,
                "range": ends,
                **(log_ticks(*ends) if ends else {"exponentformat": "power", "nticks": 8}),
            },
            uirevision=f"{_place(descent)} {quantity}",
        ),
    )


def _path(run: Run, happened: Sequence[Moment], line: dict[str, str], width: float = 2.5) -> dict[str, Any]:
    return {
        "mode": "lines",
        "name": run.label,
        "x": run.columns["x"],
        "y": run.columns["y"],
        "customdata": light(run.readout),
        "line": line | {"width": width},
        "meta": TraceMeta(
            path=True,
            arrows=ARROWS,
            tag=run.mark,
            moments=[{"step": moment.step, "text": moment.text} for moment in happened],
        ),
        "hovertemplate": f"{HOVER}<extra>{run.label}</extra>",
    }


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


def _marks(points: CriticalPoints, descent: Descent) -> list[dict[str, Any]]:
    """Markers for the critical points, one trace for each kind, and for the start. Known minima are larger."""
    small = 11 if len(points.kind) < 30 else 6
    found = [
        (kind, symbol, small, points.points[[each == kind for each in points.kind]])
        for kind, symbol in CRITICAL.items()
        if kind in points.kind
    ]
    known = np.array(descent.surface.minima).reshape(-1, 2)
    start = np.array([descent.spec.origin()])
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": at[:, 0],
            "y": at[:, 1],
            "marker": {"symbol": symbol, "size": size, "color": MARK["light"], "line": {"width": 2}},
            "meta": TraceMeta(marker=MARK),
            "hovertemplate": f"{name}<br>x %{{x:.5g}}<br>y %{{y:.5g}}<extra></extra>",
            "showlegend": False,
        }
        for name, symbol, size, at in [*found, ("minimum", "star", 13, known), ("start", "circle-open", 13, start)]
        if len(at)
    ]


def _solid_mark(name: str, symbol: str, at: NDArray[Any], z: NDArray[Any]) -> dict[str, Any]:
    return {
        "type": "scatter3d",
        "mode": "markers",
        "name": name,
        "x": at[:, 0],
        "y": at[:, 1],
        "z": z,
        "marker": {"symbol": symbol, "size": 5, "color": MARK["light"], "line": {"width": 2}},
        "meta": TraceMeta(marker=MARK),
        "hovertemplate": f"{name}<br>x %{{x:.5g}}<br>y %{{y:.5g}}<extra></extra>",
        "showlegend": False,
    }


def _lines(descent: Descent) -> list[tuple[Run, dict[str, str]]]:
    """Each run with the colour and the dash of its line."""
    lanes = [run.lane for run in descent.runs]
    looks = zip(descent.runs, colours(lanes), dashes([lane.optimizer for lane in lanes]), strict=True)
    return [(run, {"color": colour, "dash": dash}) for run, colour, dash in looks]


def _bar(terrain: Terrain) -> dict[str, Any]:
    tick_at, tick_of = terrain.ticks
    text = [f"{value:.3g}" for value in tick_of]
    return {"thickness": 10, "outlinewidth": 0, "tickvals": tick_at, "ticktext": text, "title": {"text": "f"}}


def _player(descent: Descent, group: str = GROUP, arrows: bool = True) -> Player:
    return {"group": group, "steps": descent.spec.steps, "arrows": arrows}


def _run(descent: Descent) -> str:
    """What is shown, as text: it changes with every setting of the race."""
    return f"{_place(descent)} {descent.spec!r}"


def _place(descent: Descent) -> str:
    """Plotly's ``uirevision``: zoom and camera are kept until this text changes, that is, with the surface."""
    return repr(descent.spec.only(PlaceSpec))


def _alt(descent: Descent, what: str) -> str:
    ends = "; ".join(f"{run.label} ends at loss {run.columns['loss'][-1]:.4g}" for run in descent.runs)
    return f"{what} {descent.surface.label}. {ends}."
