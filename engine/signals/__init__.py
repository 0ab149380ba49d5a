"""A deep plain network and its residual twin, and the signals and gradients that flow through their layers."""

from engine.signals.flow import TWINS, Flow, Trace, gradient_flow, signals
from engine.signals.idle import Idle
from engine.signals.lengths import norm
from engine.signals.network import Network, batch, build
from engine.signals.spec import StackSpec

__all__ = [
    "TWINS", "Flow", "Idle", "Network", "StackSpec", "Trace", "batch", "build", "gradient_flow", "norm", "signals",
]  # fmt: skip
