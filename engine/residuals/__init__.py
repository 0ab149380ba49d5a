"""Residual connections: a plain network and its residual twin, and how gradients flow through them."""

from engine.residuals.flow import Flow, gradient_flow
from engine.residuals.highway import Highway, highway
from engine.residuals.network import build
from engine.residuals.spec import ResidualSpec
from engine.residuals.textbook import textbook

__all__ = ["Flow", "Highway", "ResidualSpec", "build", "gradient_flow", "highway", "textbook"]
