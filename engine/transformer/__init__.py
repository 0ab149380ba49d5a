"""Small transformers: their models, and everything that flows through them."""

from engine.transformer.model import Architecture, Transformer, stack
from engine.transformer.spec import BlockSpec
from engine.transformer.trace import Edit, Trace, trace

__all__ = ["Architecture", "BlockSpec", "Edit", "Trace", "Transformer", "stack", "trace"]
