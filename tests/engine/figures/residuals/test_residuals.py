"""The figures hold the results' numbers and say what they show."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.figures.residuals import (
    COLOURS,
    PART_STYLES,
    QUANTITIES,
    arc_figure,
    block_figure,
    flow_figure,
    histogram_figure,
    lengths_figure,
    shares_figure,
    shattering_figure,
    textbook_figure,
)
from engine.residuals import highway, textbook
from engine.residuals.blocks import PARTS, block_flow, intact
from engine.residuals.shattered import shattering
from engine.signals import StackSpec, gradient_flow
from engine.signals.flow import TWINS
from engine.transformer import BlockSpec
from tests.engine.figures.colours import VISION, contrast, linear, oklab

SPECS = {
    "the default": StackSpec(depth=6, width=8, batch=4),
    "what overflows": StackSpec(depth=60, width=64, batch=4, activation="identity", gain=10),
    "dead weights": StackSpec(depth=4, width=8, batch=4, initializer="zeros"),
    "BatchNorm": StackSpec(depth=4, width=8, batch=8, norm="batch", halvings=1),
}


def refused(constant: str) -> Any:
    raise AssertionError(f"{constant} is no JSON")


def named(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize("name", SPECS)
def test_every_figure_is_valid_whatever_happened(name: str) -> None:
    spec = SPECS[name]
    flow = gradient_flow(spec)
    drawn = [draw(flow, quantity, both) for draw in (flow_figure, histogram_figure) for quantity in QUANTITIES
             for both in (False, True)]  # fmt: skip
    split = highway(spec)
    drawn += [lengths_figure(split), shares_figure(split)]
    if spec.norm != "batch":
        drawn += [draw(shattering(spec)) for draw in (arc_figure, shattering_figure)]
    for figure in drawn:
        json.loads(figure.to_json(), parse_constant=refused)
        assert figure.layout.meta["alt"].endswith(".") and figure.layout.meta["name"].startswith("residuals-")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_each_layer_stands_where_it_is(quantity: str) -> None:
    flow = gradient_flow(SPECS["the default"])
    figure = flow_figure(flow, quantity)
    for twin, trace in (("plain", flow.plain), ("residual", flow.residual)):
        line = named(figure, TWINS[twin])
        first = 0 if quantity in ("signal", "gradient") else 1
        by_layer = dict(zip(line.x, line.y, strict=True))
        assert by_layer == dict(zip(range(first, 7), getattr(trace, quantity), strict=True))
        assert list(line.x) == sorted(line.x, reverse=quantity != "signal")  # as the player draws them
    assert sum(trace.name == "expected" for trace in figure.data) == 2 * (quantity in ("signal", "gradient"))


def test_expectations_start_where_the_measured_does() -> None:
    trace = gradient_flow(SPECS["the default"]).residual
    signal, gradient = trace.expectation("signal"), trace.expectation("gradient")
    assert signal is not None and gradient is not None
    assert signal[0] == trace.signal[0] and gradient[-1] == trace.gradient[-1]
    assert gradient[0] == pytest.approx(gradient[1] * np.sqrt(trace.expected.chi[0]))  # type: ignore[union-attr]


def test_the_textbooks_bars_are_its_numbers() -> None:
    found = textbook()
    figure = textbook_figure(found)
    assert list(named(figure, TWINS["plain"]).y) == found.plain
    assert list(named(figure, TWINS["residual"]).y) == found.residual


def test_paths_that_cannot_reach_a_place_are_not_drawn() -> None:
    found = highway(SPECS["the default"])
    drawn = np.array(lengths_figure(found).data[0].z, dtype=float)
    for place in range(7):
        assert np.isfinite(drawn[: 7 - place, place]).all() and np.isnan(drawn[7 - place :, place]).all()
    np.testing.assert_allclose(drawn[:, 0], found.lengths[0], rtol=1e-6)


def test_a_blocks_missing_projections_are_not_drawn() -> None:
    spec = BlockSpec(blocks=2, model_width=8, heads=2, tokens=4, mlp_projection=False)
    figure = block_figure(block_flow(spec), block_flow(intact(spec)))
    drawn = [trace.name for trace in figure.data if trace.line.dash != "dot"]
    assert drawn == [PARTS[part] for part in PARTS if part != "mlp_projection"]
    assert len(figure.data) == len(drawn) + len(PARTS)  # and dotted, all of the whole blocks


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_histogram_is_of_the_layer_that_the_player_has_reached(quantity: str) -> None:
    flow = gradient_flow(SPECS["the default"])
    figure, path = histogram_figure(flow, quantity), named(flow_figure(flow, quantity), TWINS["residual"])
    titles = figure.layout.meta["titles"]
    assert list(titles["at"]) == list(named(figure, TWINS["plain"]).meta["at"]) == list(range(len(path.x)))
    drawn = np.array(named(figure, TWINS["residual"]).meta["rows"])
    for place, layer in enumerate(path.x):
        own = max(int(layer), 1)  # the stem's output stands before the first layer
        assert titles["texts"][place].endswith(f"in layer {own}")
        np.testing.assert_allclose(drawn[place], flow.residual.shares(own), rtol=1e-6)


def test_without_shortcuts_the_plain_twin_stands_alone_on_the_same_axis() -> None:
    flow = gradient_flow(SPECS["the default"])
    alone, both = (flow_figure(flow, "gradient", shortcuts) for shortcuts in (False, True))
    assert {trace.name for trace in alone.data} == {TWINS["plain"], "expected"}
    assert alone.layout.yaxis.range == both.layout.yaxis.range


def test_both_ways_of_the_gradient_make_up_the_whole() -> None:
    by_shortcut, through = shares_figure(highway(SPECS["the default"])).data
    np.testing.assert_allclose(np.array(by_shortcut.y) + np.array(through.y), 1)


@pytest.mark.parametrize("paper", ["#ffffff", "#0e1117"])
@pytest.mark.parametrize("colour", [*COLOURS.values(), *(colour for colour, _, _ in PART_STYLES.values())])
def test_colours_are_legible_on_both_themes(colour: str, paper: str) -> None:
    assert contrast(colour, paper) >= 3


def test_the_twins_and_a_block_s_parts_are_told_apart() -> None:
    twins = [oklab(VISION[vision] @ linear(colour)) for vision in VISION for colour in COLOURS.values()]
    for plain, residual in zip(twins[::2], twins[1::2], strict=True):
        assert np.linalg.norm(plain - residual) > 0.1
    assert len({look[1:] for look in PART_STYLES.values()}) == len(PARTS)  # by dash or marker, whatever the eye
