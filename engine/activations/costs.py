"""What activation functions cost: seconds for a forward and a backward pass, as multiples of what ReLU costs."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import torch

from engine.activations.spec import CostSpec
from engine.activations.units import names
from engine.devices import one_thread
from engine.nn import ACTIVATIONS, Activation

INPUTS_TIMED, ROUNDS, QUICKEST = 100_000, 9, 1e-7
"""The number of inputs, the number of times that each function is measured, and the least seconds that count."""


@dataclass(frozen=True)
class Cost:
    """name: of the function. forward, backward: its seconds divided by ReLU's, the median over ``ROUNDS`` ratios."""

    name: str
    forward: float
    backward: float


@dataclass(frozen=True)
class Costs:
    """The costs of the functions of ``spec`` on this machine, each measured beside ReLU by turns."""

    spec: CostSpec
    costs: tuple[Cost, ...]

    def table(self) -> pd.DataFrame:
        """One row for each function."""
        return pd.DataFrame([vars(cost) for cost in self.costs])


def measure(spec: CostSpec) -> Costs:
    """Measure each function of ``spec`` on one thread. Unlike other results, this one is never the same twice."""
    with one_thread(True):
        found = [
            Cost(name, *_against_relu(unit.function(spec.formula)))
            for name, unit in zip(names(spec.units), spec.units, strict=True)
        ]
    return Costs(spec, tuple(found))


def _against_relu(function: Activation) -> tuple[float, float]:
    inputs = torch.randn(INPUTS_TIMED, generator=torch.Generator().manual_seed(0))
    ratios = []
    for _ in range(ROUNDS):
        own, base = _seconds(function.f, inputs), _seconds(ACTIVATIONS["relu"].f, inputs)
        ratios.append((own[0] / base[0], own[1] / base[1]))
    forward, backward = (statistics.median(column) for column in zip(*ratios, strict=True))
    return forward, backward


def _seconds(f: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor) -> tuple[float, float]:
    """Seconds of the forward and of the backward pass."""
    point = inputs.clone().requires_grad_()
    start = time.perf_counter()
    out = f(point)
    middle = time.perf_counter()
    torch.autograd.grad(out, point, torch.ones_like(out))
    end = time.perf_counter()
    return max(middle - start, QUICKEST), max(end - middle, QUICKEST)
