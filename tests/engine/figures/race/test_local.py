"""The figures of the local problems contain the numbers of their results and say what they show."""

import json
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from engine.figures.race import induced_figure, timeline_figure
from engine.figures.race.local import BARS, NAMES, NEUTRAL, QUANTITIES
from engine.nn import TRANSFERS
from engine.race.local import induced
from engine.race.network import widths
from engine.race.timeline import ARRANGEMENTS, Timeline, timeline
from tests.engine.figures.colours import PAPERS, VISION, contrast, linear, oklab

COLOURS = {name: transfer.colour for name, transfer in TRANSFERS.items() if not transfer.coupled}


def curves(target: float = 1.5) -> dict[str, pd.DataFrame]:
    return {key: induced(TRANSFERS[key], target, -4, 4, 81) for key in COLOURS}


def step() -> Timeline:
    return timeline(widths(1, 0.25), 250, 10)


def is_strict_json(figure: go.Figure) -> bool:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return bool(json.loads(figure.to_json(), parse_constant=refuse)["data"])


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("target", [-2.0, 1.5])
def test_each_transfer_function_has_its_line_and_the_squared_loss_is_dashed(quantity: Any, target: float) -> None:
    given = curves(target)
    figure = induced_figure(target, given, quantity)
    *lines, squared = figure.data
    field, other, title = QUANTITIES[quantity]
    for line, (key, curve) in zip(lines, given.items(), strict=True):
        assert (line.name, line.line.color) == (TRANSFERS[key].label, COLOURS[key])
        np.testing.assert_array_equal(line.x, curve["at"])
        np.testing.assert_array_equal(line.y, curve[field])
    assert (squared.name, squared.line.dash) == ("Squared", "dash")
    np.testing.assert_array_equal(squared.y, given["tanh"][other])
    assert figure.layout.yaxis.title.text == title
    assert is_strict_json(figure)


def test_the_axis_holds_every_matching_loss_whole() -> None:
    given = {key: curve for key, curve in curves().items() if key != "identity"}
    low, high = induced_figure(1.5, given).layout.yaxis.range
    assert low < 0 and max(curve.matching.max() for curve in given.values()) < high < given["tanh"].squared.max()


@pytest.mark.parametrize(("target", "side"), [(-2.0, "left"), (3.9, "right")])
def test_the_target_is_marked_and_its_name_stays_within_the_plot(target: float, side: str) -> None:
    figure = induced_figure(target, curves(target))
    (mark,), (name,) = figure.layout.shapes, figure.layout.annotations
    assert mark.x0 == mark.x1 == name.x == target
    assert name.xanchor == side
    assert f"{abs(target):g}" in name.text


def test_the_losses_are_told_in_words() -> None:
    alts = {quantity: induced_figure(1.5, curves(), quantity).layout.meta["alt"] for quantity in QUANTITIES}  # type: ignore[arg-type]
    assert all(TRANSFERS[key].label in alt and "1.5" in alt for key in COLOURS for alt in alts.values())
    assert "tanh 7.43 and 0.189" in alts["loss"]
    names = {induced_figure(1.5, curves(), quantity).layout.meta["name"] for quantity in QUANTITIES}  # type: ignore[arg-type]
    assert len(names) == len(QUANTITIES)


def test_each_task_is_a_bar_of_its_length_on_its_layer() -> None:
    found = step()
    figure = timeline_figure(found)
    bars = {(bar.yaxis, bar.name): bar for bar in figure.data}
    assert len(bars) == len(figure.data) == 2 * len(BARS)
    labels = list(figure.layout.yaxis.categoryarray)
    assert len(labels) == len(found.units) - 1 and labels[0] == "1: 784 → 250"
    for axis, arrangement in zip(("y", "y2"), ARRANGEMENTS, strict=True):
        for kind, name in NAMES.items():
            tasks = found.tasks[(found.tasks["arrangement"] == arrangement) & (found.tasks["kind"] == kind)]
            bar = bars[axis, name]
            assert list(bar.y) == [labels[layer - 1] for layer in tasks["layer"]]
            np.testing.assert_allclose(np.array(bar.base) * found.gradient, tasks["start"])
            np.testing.assert_allclose(np.array(bar.x) * found.gradient, tasks["length"])
            told = np.array(bar.customdata) * [found.gradient, 1e9, found.gradient]
            np.testing.assert_allclose(told, tasks[["length", "length", "start"]])
    assert is_strict_json(figure)


def test_the_kinds_of_task_differ_without_colour_too() -> None:
    looks = [(bar.marker.color, bar.marker.pattern.shape) for bar in timeline_figure(step()).data[: len(BARS)]]
    assert len(set(looks)) == len(BARS)
    assert [bar.showlegend for bar in timeline_figure(step()).data] == [True] * 3 + [False] * 3


def test_the_totals_and_what_is_gained_are_told() -> None:
    found = step()
    figure = timeline_figure(found)
    first, second = (found.totals[name] / found.gradient for name in ARRANGEMENTS)
    for number in (first, second):
        assert any(f"{number:.3g}" in note.text for note in figure.layout.annotations)
    for number in (first, second, found.speedup):
        assert f"{number:.3g}" in figure.layout.meta["alt"]
    assert figure.layout.shapes[0].x0 == second
    assert figure.layout.xaxis.range[1] > first


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("colour", [*COLOURS.values(), *(bar["color"] for bar in BARS.values())])
def test_colours_are_legible_on_both_themes(colour: str, paper: str) -> None:
    assert contrast(colour, paper) >= 3


@pytest.mark.parametrize("vision", VISION)
def test_transfer_functions_are_told_apart_by_their_colour(vision: str) -> None:
    assert COLOURS["identity"] == NEUTRAL
    seen = [oklab(VISION[vision] @ linear(colour)) for colour in COLOURS.values()]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) > 0.095
