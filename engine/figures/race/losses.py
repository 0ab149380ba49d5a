"""The race of optimizers: losses against three axes, layer diagnostics, and the costs of a step."""

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from engine.figures.colours import colours
from engine.figures.meta import Player, TraceMeta
from engine.figures.style import axis_of, dashes, layout, sizes_axis, values_axis
from engine.race import Race
from engine.race.board import Board
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.measures import AXES, QUANTITIES

GROUP = "race"
"""The group of the losses' player. The layers and the reconstructions follow this player."""

FAINT = 0.35
"""The opacity of curves that are not those of the race that the visitor waits for."""


def losses_figure(race: Race, axis: str, quantity: str = "train_loss", faint: bool = False) -> go.Figure:
    """Every lane's loss on a log axis: the mean over seeds, with a band from the least to the greatest value.

    axis: a key of ``AXES``. quantity: a key of ``QUANTITIES``. The player moves along the axis. All lanes are then
    shown after the same number of epochs, seconds or operations. faint: a picture without a player, for the time in
    which another race has nothing to show.
    """
    along, drawn = AXES[axis], QUANTITIES[quantity]
    played: dict[str, Any] = {"opacity": FAINT} if faint else {"meta": TraceMeta(path=True)}
    traces: list[dict[str, Any]] = []
    for number, name, colour, dash in _lanes(race):
        curve = race.curve(number, axis, quantity)
        if race.spec.seeds > 1 and len(curve):
            traces.append({
                "type": "scatter", "name": name, "showlegend": False, "hoverinfo": "skip", "fill": "toself",
                "x": np.concatenate([curve["x"], curve["x"][::-1]]),
                "y": np.concatenate([curve["low"], curve["high"][::-1]]),
                "fillcolor": colour, "opacity": 0.15, "line": {"width": 0},
            })  # fmt: skip
        traces.append({
            "type": "scatter", "mode": "lines", "name": name,
            "x": curve["x"].to_numpy(), "y": curve["mean"].to_numpy(), "customdata": curve.index.to_numpy()[:, None],
            "line": {"color": colour, "width": 2.5, "dash": dash}, **played,
            "hovertemplate": f"epoch %{{customdata[0]}}<br>{along.title} %{{x:.4g}}<br>%{{y:.5g}}<extra>{name}</extra>",
        })  # fmt: skip
    paths = [trace for trace in traces if "fill" not in trace and len(trace["y"])]
    end = max((float(trace["x"][-1]) for trace in paths), default=0.0)
    player = Player(
        group=GROUP,
        steps=race.epochs if axis == "epoch" else end,
        along=axis != "epoch",
        word=along.word,
    )
    last = "; ".join(f"{trace['name']} {trace['y'][-1]:.4g}" for trace in paths)
    return go.Figure(
        traces,
        layout(
            f"{drawn.title} of each optimizer against {along.title.lower()}. At the end: {last}.",
            f"race-{quantity}-{axis}",
            player=None if faint else player,
            run=str(race.spec),
            margin={"l": 56, "r": 12, "t": 8, "b": 42},
            showlegend=False,  # the reconstructions beside the chart name every colour
            xaxis={"title": {"text": along.title, "standoff": 4}, "zeroline": False, "rangemode": "tozero"}
            | ({"range": [-0.02 * race.spec.epochs, 1.02 * race.spec.epochs]} if axis == "epoch" else {}),
            yaxis={
                "title": {"text": drawn.title, "standoff": 4}, "type": "log", "nticks": 6, "zeroline": False,
                "tickformat": "~g",
            },
            uirevision=f"{axis} {quantity}",
        ),
    )  # fmt: skip


def layers_figure(race: Race, quantity: str, axis: str) -> go.Figure:
    """One quantity of each lane's last step in an epoch, layer by layer, on the first seed.

    It follows the player of ``losses_figure``: it shows the last epoch whose diagnostics are known at that place.
    quantity: a key of ``LAYER_QUANTITIES``. Norms have a log axis. axis: the axis of the losses, a key of ``AXES``.
    """
    widths = [f"{inputs} → {outputs}" for inputs, outputs in pairwise(race.spec.units())]
    traces, drawn = [], []
    for number, name, colour, dash in _lanes(race):
        values = race.diagnostics(number, quantity)
        if values.empty:
            continue
        drawn.append(values.to_numpy())
        traces.append({
            "type": "scatter", "mode": "lines+markers", "name": name, "x": values.columns, "y": drawn[-1][-1],
            "customdata": widths,
            "meta": TraceMeta(rows=drawn[-1], at=race.places(number, axis)[values.index]),
            "line": {"color": colour, "width": 2, "dash": dash}, "marker": {"size": 6},
            "hovertemplate": f"layer %{{x}}, %{{customdata}}<br>%{{y:.4g}}<extra>{name}</extra>",
        })  # fmt: skip
    shown = LAYER_QUANTITIES[quantity]
    kind = sizes_axis if shown.norm else values_axis
    return go.Figure(
        traces,
        layout(
            f"{shown.label} in each of {len(widths)} layers for {len(traces)} optimizers, after the epoch that the "
            "player has reached.",
            f"race-layers-{quantity}",
            group=GROUP,
            margin={"l": 64, "r": 12, "t": 10, "b": 42},
            showlegend=False,  # as in the losses
            xaxis=axis_of("Layer", dtick=1),
            yaxis=kind(shown.label, *drawn),
            uirevision=quantity,
        ),
    )  # fmt: skip


def costs_figure(race: Race, board: Board) -> go.Figure:
    """The cost of a step of each lane: seconds, operations in gradient-equivalents, bytes of state and peak memory."""
    rows = board.rows[::-1]
    parts = (
        ("Step, ms", rows["step_ms"], "%{x:.4g} ms"),
        ("Step, gradients", rows["step_gradients"], "%{x:.3g} gradients"),
        ("State, MB", rows["state"] / 1e6, "%{x:.4g} MB"),
        ("Peak, MB", rows["peak"] / 1e6, "%{x:.4g} MB"),
    )
    titles = [title for title, _, _ in parts]
    shades = colours(race.spec.lanes)[::-1]
    figure = make_subplots(
        2, 2, shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.04, vertical_spacing=0.16
    )
    for place, (title, values, hover) in enumerate(parts):
        row, column = divmod(place, 2)
        figure.add_bar(
            x=values, y=rows["name"], orientation="h", marker_color=shades, name=title, row=row + 1, col=column + 1,
            hovertemplate=f"%{{y}}: {hover}<extra></extra>", texttemplate="%{x:.4~g}", textposition="auto", textangle=0,
        )  # fmt: skip
    said = "; ".join(f"{name} {time:.4g} ms" for name, time in zip(rows["name"], rows["step_ms"], strict=True))
    figure.update_layout(
        layout(
            f"Cost of a step of each optimizer: time, operations, memory. Time: {said}.", "race-costs",
            margin={"l": 10, "r": 12, "t": 30, "b": 30}, showlegend=False, uirevision="costs",
        )
    )  # fmt: skip
    figure.update_yaxes(automargin=True)
    figure.update_xaxes(rangemode="tozero", nticks=4)
    return figure


def _lanes(race: Race) -> list[tuple[int, str, str, str]]:
    """The number, name, colour and dash of each lane."""
    lanes = race.spec.lanes
    looks = zip(race.names, colours(lanes), dashes([lane.optimizer for lane in lanes]), strict=True)
    return [(number, *look) for number, look in enumerate(looks)]
