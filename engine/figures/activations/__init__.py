"""The pictures of activations and initializations."""

from engine.figures.activations.depth import QUANTITIES, depth_figure, outputs_figure
from engine.figures.activations.functions import functions_figure, responses_figure
from engine.figures.activations.maps import maps_figure
from engine.figures.activations.plane import correlation_figure, plane_figure
from engine.figures.activations.repair import ladder_figure, repair_figure
from engine.figures.activations.training import READINGS, layer_figure, trained_figure

__all__ = [
    "QUANTITIES", "READINGS", "correlation_figure", "depth_figure", "functions_figure", "ladder_figure",
    "layer_figure", "maps_figure", "outputs_figure", "plane_figure", "repair_figure", "responses_figure",
    "trained_figure",
]  # fmt: skip
