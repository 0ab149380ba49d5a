"""Figures of the residuals topic. Each view has its file."""

from engine.figures.residuals.blocks import PART_STYLES, block_figure
from engine.figures.residuals.highway import history_figure, lengths_figure, profile_figure, shares_figure
from engine.figures.residuals.layers import flow_figure, histogram_figure
from engine.figures.residuals.shattering import arc_figure, shattering_figure
from engine.figures.residuals.style import COLOURS, QUANTITIES, READINGS
from engine.figures.residuals.textbook import textbook_figure
from engine.figures.residuals.training import gradients_figure, learning_figure, sweep_figure

__all__ = [
    "COLOURS", "PART_STYLES", "QUANTITIES", "READINGS", "arc_figure", "block_figure", "flow_figure", "gradients_figure",
    "histogram_figure", "history_figure", "learning_figure", "lengths_figure", "profile_figure", "shares_figure",
    "shattering_figure", "sweep_figure", "textbook_figure",
]  # fmt: skip
