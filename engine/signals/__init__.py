"""Deep stacks of layers and what flows through them: a plain network, its residual twin, signals and gradients."""

from engine.signals.flow import TWINS, Flow, Trace, gradient_flow, norm, signals
from engine.signals.network import Network, batch, build
from engine.signals.spec import StackSpec

__all__ = ["TWINS", "Flow", "Network", "StackSpec", "Trace", "batch", "build", "gradient_flow", "norm", "signals"]
