"""What the figures of a race on a surface share: the look of its runs, its player and its description."""

from collections.abc import Sequence
from typing import Any

from engine.figures.colours import colours
from engine.figures.meta import Arrow, Player, TraceMeta
from engine.figures.style import FONT, dashes, light
from engine.surfaces import READOUT, Descent, Moment, PlaceSpec, Run

ARROWS = [
    Arrow(column=READOUT["downhill"], dash=[2, 3]),
    Arrow(column=READOUT["momentum"], dash=[7, 4]),
    Arrow(column=READOUT["step"], dash=[]),
]
"""The vectors drawn at each point, with their columns in a path's ``customdata`` (``Run.readout``)."""

YOURS = "your mark"
"""The name of the mark that the visitor has set as a prediction."""

GROUP = "surfaces"
"""The group of the player of the map or the relief. The curves beside it follow this player."""

HOVER = (
    "step %{pointNumber}<br>x %{x:.5g}<br>y %{y:.5g}<br>"
    f"loss %{{customdata[{READOUT['loss']}]:.5g}}<br>gradient %{{customdata[{READOUT['gradient_norm']}]:.3g}}"
)


def lines(descent: Descent) -> list[tuple[Run, dict[str, str]]]:
    """Each run with the colour and the dash of its line."""
    lanes = [run.lane for run in descent.runs]
    looks = zip(descent.runs, colours(lanes), dashes([lane.optimizer for lane in lanes]), strict=True)
    return [(run, {"color": colour, "dash": dash}) for run, colour, dash in looks]


def path_of(run: Run, happened: Sequence[Moment], line: dict[str, str], width: float = 2.5) -> dict[str, Any]:
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


def named(name: str) -> dict[str, Any]:
    """How a marker is drawn. The visitor's mark has its name above it."""
    label = {"text": [name], "textposition": "top center", "textfont": {"size": FONT}}
    return {"mode": "markers+text", **label} if name == YOURS else {"mode": "markers"}


def player_of(descent: Descent, group: str = GROUP, arrows: bool = True) -> Player:
    return {"group": group, "steps": descent.spec.steps, "arrows": arrows}


def run_of(descent: Descent) -> str:
    """What is shown, as text: it changes with every setting of the race."""
    return f"{place_of(descent)} {descent.spec!r}"


def place_of(descent: Descent) -> str:
    """Plotly's ``uirevision``: zoom and camera are kept until this text changes, that is, with the surface."""
    return repr(descent.spec.only(PlaceSpec))


def alt_of(descent: Descent, what: str) -> str:
    ends = "; ".join(f"{run.label} ends at loss {run.columns['loss'][-1]:.4g}" for run in descent.runs)
    return f"{what} {descent.surface.label}. {ends}."
