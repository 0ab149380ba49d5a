"""The figures of the race, and of LocoProp's local problems."""

from engine.figures.race.local import induced_figure, timeline_figure
from engine.figures.race.losses import GROUP, costs_figure, layers_figure, losses_figure

__all__ = ["GROUP", "costs_figure", "induced_figure", "layers_figure", "losses_figure", "timeline_figure"]
