"""Every figure is valid and says what it shows, whatever happened in the network."""

import json
from typing import Any

import pytest

from engine.figures.residuals import (
    QUANTITIES,
    arc_figure,
    flow_figure,
    histogram_figure,
    lengths_figure,
    shares_figure,
    shattering_figure,
)
from engine.residuals import highway
from engine.residuals.shattered import shattering
from engine.signals import StackSpec, gradient_flow

SPECS = {
    "the default": StackSpec(depth=6, width=8, batch=4),
    "what overflows": StackSpec(depth=60, width=64, batch=4, activation="identity", gain=10),
    "dead weights": StackSpec(depth=4, width=8, batch=4, initializer="zeros"),
    "BatchNorm": StackSpec(depth=4, width=8, batch=8, norm="batch", halvings=1),
}


def refused(constant: str) -> Any:
    raise AssertionError(f"{constant} is no JSON")


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
