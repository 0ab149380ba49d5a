"""The relief: a surface in three dimensions, with the path of each optimizer."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from engine.figures.meta import TraceMeta
from engine.figures.style import FONT, MARK, RELIEF, SOLID, layout, light
from engine.figures.surfaces.parts import YOURS, alt_of, lines, named, path_of, place_of, player_of, run_of
from engine.numerals import written
from engine.surfaces import CriticalPoints, Descent, Terrain, moments
from engine.surfaces.relief import height
from engine.surfaces.surface import Point

CLEARANCE = 0.05
"""The distance of paths and marks above the relief, in decades of its height."""


def solid_figure(descent: Descent, terrain: Terrain, points: CriticalPoints, mark: Point | None = None) -> go.Figure:
    """The surface in three dimensions with every optimizer's path. The height is logarithmic, as in the relief.

    mark: the place that the visitor has predicted.
    """
    (left, right), (low, high) = descent.surface.domain
    tick_at, tick_of = terrain.ticks
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
                _solid_mark(YOURS, "cross", np.array([at]), terrain.lift(height(descent.surface, *at), CLEARANCE))
                for at in ([mark] if mark else [])
            ),
            *(
                path_of(run, happened, line, width=6)
                | {"type": "scatter3d", "z": terrain.lift(run.columns["loss"], CLEARANCE)}
                for (run, line), happened in zip(lines(descent), moments(descent), strict=True)
            ),
        ],
        layout(
            alt_of(descent, "The surface in three dimensions with the path of each optimizer."),
            f"{descent.spec.surface}-3d",
            player=player_of(descent, arrows=False),
            run=run_of(descent),
            margin={"l": 0, "r": 0, "t": 30, "b": 0},
            uirevision=place_of(descent),
            scene={
                "xaxis": _axis("x", left, right),
                "yaxis": _axis("y", low, high),
                "zaxis": _axis("f", tick_at[0] - 0.2, tick_at[-1] + 0.2)  # a diverging path goes out of the picture
                | {"tickvals": tick_at, "ticktext": [written(value, 3) for value in tick_of]},
                "aspectratio": {"x": 1.2, "y": 1.2, "z": 0.75},
                "camera": {"eye": {"x": -0.42, "y": -1.22, "z": 2.06}, "center": {"x": 0, "y": 0, "z": -0.17}},
                "uirevision": place_of(descent),
            },
        ),
    )


def _axis(title: str, low: float, high: float) -> dict[str, Any]:
    """An axis of the scene. Its few ticks leave room for large texts in front of a class."""
    text = {"size": FONT}
    names = {"title": {"text": title, "font": text}, "tickfont": text, "nticks": 6}
    return {"showspikes": False, "range": [low, high]} | names


def _solid_mark(name: str, symbol: str, at: NDArray[Any], z: NDArray[Any]) -> dict[str, Any]:
    return {
        "type": "scatter3d",
        "name": name,
        **named(name),
        "x": at[:, 0],
        "y": at[:, 1],
        "z": z,
        "marker": {"symbol": symbol, "size": 5, "color": MARK["light"], "line": {"width": 2}},
        "meta": TraceMeta(marker=MARK),
        "hovertemplate": f"{name}<br>x %{{x:.5g}}<br>y %{{y:.5g}}<extra></extra>",
        "showlegend": False,
    }
