"""Residual connections: a plain network and its residual twin, and how gradients flow through them."""

from engine.residuals.example import textbook
from engine.residuals.flow import Flow, gradient_flow
from engine.residuals.network import build
from engine.residuals.paths import Highway, highway
from engine.residuals.spec import ResidualSpec

__all__ = ["Flow", "Highway", "ResidualSpec", "build", "gradient_flow", "highway", "textbook"]
