"""Figures of the surfaces topic: the map, the relief in 3-D, and the curves against the step. Each has its file."""

from engine.figures.surfaces.curves import curves_figure
from engine.figures.surfaces.map import map_figure
from engine.figures.surfaces.solid import solid_figure

__all__ = ["curves_figure", "map_figure", "solid_figure"]
