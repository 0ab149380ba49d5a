"""Pictures of attention: all heads, one head, and one weight."""

from engine.figures.attention.heads import cell_figure, head_at, head_figure, heads_figure

__all__ = ["cell_figure", "head_at", "head_figure", "heads_figure"]
