"""The effect of residual connections, also called shortcuts, on the gradients of a deep network."""

from engine.residuals.example import textbook
from engine.residuals.paths import Highway, highway

__all__ = ["Highway", "highway", "textbook"]
