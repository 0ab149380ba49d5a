"""Stacks of transformer blocks."""

from engine.transformer.model import stack
from engine.transformer.spec import BlockSpec

__all__ = ["BlockSpec", "stack"]
