"""The curves and histograms by layer contain the numbers of the flow."""

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.figures.residuals import (
    QUANTITIES,
    flow_figure,
    histogram_figure,
)
from engine.signals import StackSpec, Trace, gradient_flow
from engine.signals.flow import TWINS

SPEC = StackSpec(depth=6, width=8, batch=4)


def named(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_each_layer_stands_where_it_is(quantity: str) -> None:
    flow = gradient_flow(SPEC)
    figure = flow_figure(flow, quantity)
    for twin, trace in (("plain", flow.plain), ("residual", flow.residual)):
        line = named(figure, TWINS[twin])
        first = 0 if quantity in ("signal", "gradient") else 1
        by_layer = dict(zip(line.x, line.y, strict=True))
        assert by_layer == dict(zip(range(first, 7), getattr(trace, quantity), strict=True))
        assert list(line.x) == sorted(line.x, reverse=quantity != "signal")  # in the order of the player
    assert sum(trace.name == "expected" for trace in figure.data) == 2 * (quantity in ("signal", "gradient"))


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_picture_that_waits_does_not_hint_at_the_result(quantity: str) -> None:
    flow = gradient_flow(SPEC)

    def beyond_the_start(trace: Trace) -> Trace:
        name = "weight_gradient" if quantity == "relative" else quantity
        values = getattr(trace, name) * 1e-9
        start = 0 if quantity == "signal" else -1
        values[start] = getattr(trace, name)[start]
        return replace(trace, **{name: values})

    other = replace(flow, plain=beyond_the_start(flow.plain), residual=beyond_the_start(flow.residual))
    waiting, elsewhere = (flow_figure(each, quantity, waits=True) for each in (flow, other))
    assert waiting.layout.yaxis == elsewhere.layout.yaxis
    assert flow_figure(flow, quantity).layout.yaxis != flow_figure(other, quantity).layout.yaxis
    assert {trace.name for trace in waiting.data} == set(TWINS.values())


def test_expectations_start_where_the_measured_does() -> None:
    trace = gradient_flow(SPEC).residual
    signal, gradient = trace.expectation("signal"), trace.expectation("gradient")
    assert signal is not None and gradient is not None and trace.expected is not None
    assert signal[0] == trace.signal[0] and gradient[-1] == trace.gradient[-1]
    assert gradient[0] == pytest.approx(gradient[1] * np.sqrt(trace.expected.chi[0]))


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_histogram_is_of_the_layer_that_the_player_has_reached(quantity: str) -> None:
    flow = gradient_flow(SPEC)
    figure, path = histogram_figure(flow, quantity), named(flow_figure(flow, quantity), TWINS["residual"])
    titles = figure.layout.meta["titles"]
    assert list(titles["at"]) == list(named(figure, TWINS["plain"]).meta["at"]) == list(range(len(path.x)))
    drawn = np.array(named(figure, TWINS["residual"]).meta["rows"])
    for place, layer in enumerate(path.x):
        own = max(int(layer), 1)  # the stem's output comes before the first layer
        assert titles["texts"][place].endswith(f"in layer {own}")
        np.testing.assert_allclose(drawn[place], flow.residual.shares(own), rtol=1e-6)


def test_without_shortcuts_the_plain_twin_stands_alone_on_the_same_axis() -> None:
    flow = gradient_flow(SPEC)
    alone, both = (flow_figure(flow, "gradient", shortcuts) for shortcuts in (False, True))
    assert {trace.name for trace in alone.data} == {TWINS["plain"], "expected"}
    assert alone.layout.yaxis.range == both.layout.yaxis.range
