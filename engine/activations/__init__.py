"""Activation functions and initializations: by themselves, through depth, and between order and chaos."""

from engine.activations.depth import Propagation, Trace, propagate
from engine.activations.functions import Comparison, Response, compare
from engine.activations.plane import Phase, phase
from engine.activations.spec import CostSpec, DepthSpec, FunctionSpec, PhaseSpec
from engine.activations.units import Scheme, Unit

__all__ = [
    "Comparison", "CostSpec", "DepthSpec", "FunctionSpec", "Phase", "PhaseSpec", "Propagation", "Response", "Scheme",
    "Trace", "Unit", "compare", "phase", "propagate",
]  # fmt: skip
