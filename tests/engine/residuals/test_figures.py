"""The figures hold the results' numbers and say what they show."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.figures.residuals import (
    NAMES,
    QUANTITIES,
    block_figure,
    flow_figure,
    histogram_figure,
    lengths_figure,
    shattering_figure,
    textbook_figure,
)
from engine.residuals import ResidualSpec, gradient_flow, highway, textbook
from engine.residuals.shattered import shattering
from engine.residuals.transformer import PARTS, BlockSpec, block_flow

SPECS = {
    "the default": ResidualSpec(depth=6, width=8, batch=4),
    "what overflows": ResidualSpec(depth=60, width=64, batch=4, activation="identity", gain=10),
    "dead weights": ResidualSpec(depth=4, width=8, batch=4, initializer="zeros"),
    "BatchNorm": ResidualSpec(depth=4, width=8, batch=8, norm="batch", halvings=1),
}


def refused(constant: str) -> Any:
    raise AssertionError(f"{constant} is no JSON")


def named(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize("name", SPECS)
def test_every_figure_is_valid_whatever_happened(name: str) -> None:
    spec = SPECS[name]
    flow = gradient_flow(spec)
    drawn = [flow_figure(flow, quantity) for quantity in QUANTITIES]
    drawn += [histogram_figure(flow, 1), lengths_figure(highway(spec)), shattering_figure(shattering(spec))]
    for figure in drawn:
        json.loads(figure.to_json(), parse_constant=refused)
        assert figure.layout.meta["alt"].endswith(".") and figure.layout.meta["name"].startswith("residuals-")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_each_layer_stands_where_it_is(quantity: str) -> None:
    flow = gradient_flow(SPECS["the default"])
    figure = flow_figure(flow, quantity)
    for twin, trace in (("plain", flow.plain), ("residual", flow.residual)):
        line = named(figure, NAMES[twin])
        np.testing.assert_array_equal(line.y, getattr(trace, quantity))
        assert line.x[-1] == 6 and line.x[0] == (0 if quantity in ("signal", "gradient") else 1)
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
    assert list(named(figure, NAMES["plain"]).y) == found.plain
    assert list(named(figure, NAMES["residual"]).y) == found.residual


def test_paths_that_cannot_reach_a_place_are_not_drawn() -> None:
    found = highway(SPECS["the default"])
    drawn = np.array(lengths_figure(found).data[0].z, dtype=float)
    for place in range(7):
        assert np.isfinite(drawn[: 7 - place, place]).all() and np.isnan(drawn[7 - place :, place]).all()
    np.testing.assert_allclose(drawn[:, 0], found.lengths[0], rtol=1e-6)


def test_a_blocks_missing_projections_are_not_drawn() -> None:
    spec = BlockSpec(blocks=2, model_width=8, heads=2, tokens=4, mlp_projection=False)
    names = [trace.name for trace in block_figure(block_flow(spec)).data]
    assert names == [PARTS[part] for part in PARTS if part != "mlp_projection"]
