"""Deep stacks of layers and what flows through them: a plain network, its residual twin, signals and gradients."""

from engine.signals.flow import Flow, gradient_flow
from engine.signals.network import build
from engine.signals.spec import StackSpec

__all__ = ["Flow", "StackSpec", "build", "gradient_flow"]
