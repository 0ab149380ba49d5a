"""Figures contain the result's numbers, say what they show, and are valid whatever happened in the race."""

import json
import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from engine.figures.colours import colours
from engine.figures.style import dashes
from engine.figures.surfaces import curves_figure, map_figure, solid_figure
from engine.numerals import read_number
from engine.optimizers import CATALOGUE
from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD
from engine.surfaces import QUANTITIES, SURFACES, Descent, DescentSpec, critical_points, descend, fitted, terrain

torch.set_num_threads(1)

ALL = tuple(record.plain() for record in CATALOGUE.values())
BEALE = SURFACES["beale"]
SPECS = {
    "a race": DescentSpec(surface="beale", lanes=fitted(ALL, BEALE, BEALE.start), steps=30),
    "divergence": DescentSpec(surface="rosenbrock", lanes=tuple(lane.but(lr=1000) for lane in ALL), steps=20),
    "an endless fall": DescentSpec(surface="monkey-saddle", steps=80),
    "undefined at the start": DescentSpec(surface="own", formula="log(x) + y", start=(-1, 1), steps=9),
    "infinite at the start": DescentSpec(surface="own", formula="1/x + y", start=(0, 1), steps=9),
    "values nowhere": DescentSpec(surface="own", formula="sqrt(x - 50)", steps=5),
    "out of the domain": DescentSpec(surface="own", formula="log(x) + y^2", start=(1, 1), lanes=(SGD(lr=3),), steps=9),
    "stopped at once": DescentSpec(surface="booth", start=(1, 3), lanes=(SGD(),), stop="gradient"),
}  # fmt: skip


def figures(descent: Descent) -> dict[str, go.Figure]:
    ground = terrain(descent.surface, 25)
    points = critical_points(descent.surface, descent.surface.domain)
    return {
        "map": map_figure(descent, ground, points),
        "3-D": solid_figure(descent, ground, points),
        **{name: curves_figure(descent, name) for name in QUANTITIES},
    }


@pytest.fixture(scope="module", params=SPECS)
def drawn(request: pytest.FixtureRequest) -> tuple[Descent, dict[str, go.Figure]]:
    descent = descend(SPECS[request.param])
    return descent, figures(descent)


def by_label(figure: go.Figure, descent: Descent) -> list[Any]:
    """The traces of the runs, in their order."""
    labels = [run.label for run in descent.runs]
    traces = [trace for trace in figure.data if trace.name in labels]
    assert [trace.name for trace in traces] == labels
    return traces


def strict(text: str) -> Any:
    """The figure as JSON. Fails on NaN and Infinity, which browsers refuse."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_equal_results_give_equal_figures_that_are_valid_json(drawn: tuple[Descent, dict[str, go.Figure]]) -> None:
    descent, first = drawn
    again = figures(descend(descent.spec))
    for name, figure in first.items():
        text = figure.to_json()
        assert strict(text)["data"]
        assert text == again[name].to_json()


def test_every_figure_says_what_it_shows(drawn: tuple[Descent, dict[str, go.Figure]]) -> None:
    descent, found = drawn
    for name, figure in found.items():
        alt = figure.layout.meta["alt"]
        assert descent.surface.label in alt
        assert all(run.label in alt for run in descent.runs)
        axes = figure.layout.scene if name == "3-D" else figure.layout
        titles = [axes.xaxis.title.text, axes.yaxis.title.text]
        assert titles == ["x", "y"] if name in ("map", "3-D") else titles[0] == "step" and titles[1]
        assert figure.layout.meta["name"]
    assert found["3-D"].layout.scene.zaxis.title.text == "f"
    assert len({figure.layout.meta["name"] for figure in found.values()}) == len(found)


def test_paths_and_curves_hold_the_numbers_of_the_result(drawn: tuple[Descent, dict[str, go.Figure]]) -> None:
    descent, found = drawn
    for name in ("map", "3-D"):
        for trace, run in zip(by_label(found[name], descent), descent.runs, strict=True):
            assert trace.x.dtype == trace.y.dtype == np.float64
            np.testing.assert_array_equal(np.column_stack([trace.x, trace.y]), run.positions)
            with np.errstate(over="ignore"):
                expected = np.column_stack([run.columns["loss"], run.columns["gradient_norm"]]).astype(np.float32)
            np.testing.assert_array_equal(trace.customdata[:, :2], expected)
    for quantity in QUANTITIES:
        for trace, run in zip(by_label(found[quantity], descent), descent.runs, strict=True):
            values = run.columns[quantity]
            if quantity == "loss" and descent.bounded:
                values = values - descent.lowest
            np.testing.assert_array_equal(trace.y, values)


def test_an_optimizer_has_its_colour_in_every_figure(drawn: tuple[Descent, dict[str, go.Figure]]) -> None:
    descent, found = drawn
    for figure in found.values():
        shown = colours([run.lane for run in descent.runs])
        assert [trace.line.color for trace in by_label(figure, descent)] == shown


def test_the_surface_is_the_terrain_s_and_its_ticks_name_heights() -> None:
    descent = descend(DescentSpec(steps=5))
    ground = terrain(descent.surface, 25)
    points = critical_points(descent.surface, descent.surface.domain)
    flat = map_figure(descent, ground, points).data[0]
    solid = solid_figure(descent, ground, points)
    assert ground.around
    for trace, shown in ((flat, ground.around), (solid.data[0], ground)):
        np.testing.assert_array_equal(trace.z, shown.relief.astype(np.float32))
        np.testing.assert_array_equal(trace.customdata, shown.z.astype(np.float32))
    for axis in (flat.colorbar, solid.layout.scene.zaxis):
        assert axis.tickvals == ground.ticks[0]
        numbers = [read_number(text.replace(",", "")) for text in axis.ticktext]
        assert numbers == pytest.approx(ground.ticks[1], rel=0.01)


def test_paths_in_3d_stand_on_the_surface() -> None:
    descent = descend(DescentSpec(surface="himmelblau", lanes=(SGD(lr=0.01), Adam(lr=0.1)), steps=60))
    ground = terrain(descent.surface)
    points = critical_points(descent.surface, descent.surface.domain)
    for trace, run in zip(by_label(solid_figure(descent, ground, points), descent), descent.runs, strict=True):
        heights = ground.lift(run.columns["loss"])
        assert np.isfinite(trace.z).all()
        assert np.unique((trace.z - heights).round(9)).size == 1  # All points are equally high above the surface.


def test_critical_points_are_marked_by_kind() -> None:
    descent = descend(DescentSpec(surface="himmelblau", steps=5))
    found = critical_points(descent.surface, descent.surface.domain)
    traces = map_figure(descent, terrain(descent.surface, 9), found).data
    for kind, count in (("saddle", 4), ("maximum", 1)):
        (trace,) = (trace for trace in traces if trace.name == kind)
        assert len(trace.x) == count
        np.testing.assert_array_equal(trace.x, found.points[[each == kind for each in found.kind], 0])
    assert {trace.marker.symbol for trace in traces if trace.name == "minimum"} == {"star"}
    (start,) = (trace for trace in traces if trace.name == "start")
    assert (start.x[0], start.y[0]) == descent.spec.origin()


def test_curves_are_logarithmic_where_a_lowest_minimum_is_known() -> None:
    for surface, kind in (("rosenbrock", "log"), ("monkey-saddle", "linear")):
        descent = descend(DescentSpec(surface=surface, lanes=(SGD(lr=1e-4), Adam(lr=0.01)), steps=40))
        axis = curves_figure(descent, "loss").layout.yaxis
        assert axis.type == kind
        if kind == "log":
            extent = descent.extent("loss")
            assert extent is not None
            low, high = extent
            assert 10 ** axis.range[0] < low and high < 10 ** axis.range[1]
        assert curves_figure(descent, "gradient_norm").layout.yaxis.type == "log"


def test_a_run_that_diverged_does_not_stretch_the_axis() -> None:
    calm = DescentSpec(surface="booth", lanes=(SGD(lr=0.02),), steps=200)
    both = descend(calm.but(lanes=(SGD(lr=0.02), SGD(lr=10))))
    assert both.runs[1].diverged
    for quantity in QUANTITIES:
        alone, beside = (curves_figure(one, quantity).layout.yaxis.range for one in (descend(calm), both))
        assert alone == beside


def test_twins_differ_in_their_dash() -> None:
    assert dashes(["sgd", "adam", "sgd", "sgd", "adam"]) == ["solid", "solid", "dash", "dot", "dash"]
    descent = descend(DescentSpec(lanes=(SGD(lr=0.001), SGD(lr=0.002), Adam()), steps=3))
    for figure in figures(descent).values():
        assert [trace.line.dash for trace in by_label(figure, descent)] == ["solid", "dash", "solid"]


def test_hover_shows_settings_that_a_label_holds_as_plain_text() -> None:
    descent = descend(DescentSpec(lanes=(SGD(lr=0.001), SGD(lr=0.002)), steps=3))
    for trace, run in zip(by_label(figures(descent)["map"], descent), descent.runs, strict=True):
        shown = re.search(r"<extra>(.*)</extra>", trace.hovertemplate)
        assert shown is not None and shown[1] == run.label


def test_a_diverging_path_leaves_the_axis_of_heights_to_the_surface() -> None:
    descent = descend(DescentSpec(surface="goldstein-price", lanes=(SGD(lr=0.01),), steps=50))
    assert descent.runs[0].diverged
    ground = terrain(descent.surface)
    low, high = solid_figure(
        descent, ground, critical_points(descent.surface, descent.surface.domain)
    ).layout.scene.zaxis.range
    assert low < np.nanmin(ground.relief)
    assert np.nanmax(ground.relief) < high < 1.2 * np.nanmax(ground.relief)


SOLID_MARKS = ("minimum", "start")


def test_minima_and_start_stand_on_the_surface_in_3d() -> None:
    descent = descend(DescentSpec(surface="himmelblau", steps=5))
    ground = terrain(descent.surface)
    points = critical_points(descent.surface, descent.surface.domain)
    marks = {trace.name: trace for trace in solid_figure(descent, ground, points).data if trace.name in SOLID_MARKS}
    assert len(marks["minimum"].x) == 4
    assert (marks["start"].x[0], marks["start"].y[0]) == descent.spec.origin()
    for trace in marks.values():
        heights = descent.surface(torch.tensor(np.stack([trace.x, trace.y], -1))).numpy()
        np.testing.assert_allclose(trace.z - ground.lift(heights), 0.05, atol=1e-9)


def test_the_part_of_a_map_without_a_height_is_hatched() -> None:
    spec = DescentSpec(surface="own", formula="log(x) + y", lanes=(SGD(),), steps=3)
    descent = descend(spec)
    ground = terrain(descent.surface)
    figure = map_figure(descent, ground, critical_points(descent.surface, descent.surface.domain))
    (hatch,) = (trace for trace in figure.data if trace.name == "undefined")
    assert len(hatch.x) > 100 and (np.asarray(hatch.x) <= 0).all()
    plain = descend(DescentSpec(steps=3))
    whole = map_figure(plain, terrain(plain.surface), critical_points(plain.surface, plain.surface.domain))
    assert not [trace for trace in whole.data if trace.name == "undefined"]


def test_the_visitors_mark_stands_where_it_was_set_and_on_the_surface() -> None:
    descent = descend(DescentSpec(surface="booth", lanes=(SGD(lr=0.01),), steps=5))
    ground = terrain(descent.surface, 25)
    points = critical_points(descent.surface, descent.surface.domain)
    place = (2.0, -1.5)
    for draw in (map_figure, solid_figure):
        (mark,) = [trace for trace in draw(descent, ground, points, mark=place).data if trace.name == "your mark"]
        assert (mark.x[0], mark.y[0]) == place
    value = descent.surface(torch.tensor(place, dtype=torch.float64)).numpy()
    assert mark.z[0] == pytest.approx(ground.lift(value) + 0.05)
    assert all(trace.name != "your mark" for trace in map_figure(descent, ground, points).data)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("surface", ["booth", "monkey-saddle"])
def test_while_a_question_is_open_the_axis_does_not_depend_on_how_the_runs_end(surface: str, quantity: str) -> None:
    first, longer = (
        curves_figure(descend(DescentSpec(surface=surface, lanes=(SGD(lr=0.01),), steps=steps)), quantity, waits=True)
        for steps in (3, 60)
    )
    assert first.layout.yaxis.range is not None
    assert first.layout.yaxis == longer.layout.yaxis
