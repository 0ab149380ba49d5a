"""Shared parts of the figures of networks: their lines, and levels across a picture."""

from collections.abc import Sequence
from typing import Any

from engine.activations import Trace
from engine.activations.maps import VarianceMap
from engine.activations.trained import Curves
from engine.figures.style import dashes

USUAL = -3.0
"""A common rule: the update ratio of each layer, log10 of ||dW|| / ||W||, should be near this."""


def lines(networks: Sequence[Trace] | Sequence[Curves] | Sequence[VarianceMap]) -> list[dict[str, Any]]:
    """The line of each network: networks with one activation share its colour and differ in their dashes."""
    colours = [network.colour for network in networks]
    return [{"color": each, "width": 2.5, "dash": dash} for each, dash in zip(colours, dashes(colours), strict=True)]


def level(height: float) -> dict[str, Any]:
    """A dashed line across the picture, at this height of the y axis."""
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height,
        "line": {"color": "#868b94", "width": 1.5, "dash": "dash"},
    }  # fmt: skip
