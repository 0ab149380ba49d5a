"""The heights of the bars are the textbook's numbers."""

from typing import Any

import plotly.graph_objects as go

from engine.figures.residuals import (
    textbook_figure,
)
from engine.residuals import textbook
from engine.signals.flow import TWINS


def named(figure: go.Figure, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def test_the_textbooks_bars_are_its_numbers() -> None:
    found = textbook()
    figure = textbook_figure(found)
    assert list(named(figure, TWINS["plain"]).y) == found.plain
    assert list(named(figure, TWINS["residual"]).y) == found.residual
