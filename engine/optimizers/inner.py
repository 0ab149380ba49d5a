"""The optimizers that can solve LocoProp's local problems."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import torch

from engine.optimizers.locoprop import RMSPROP, Inner


@dataclass(frozen=True)
class InnerOptimizer:
    """An inner optimizer of LocoProp. label: the name shown. build: its constructor; None for the exact solution."""

    label: str
    build: Inner | None


INNER: Mapping[str, InnerOptimizer] = MappingProxyType(
    {
        "rmsprop": InnerOptimizer("RMSprop, TensorFlow's", RMSPROP),
        "sgd": InnerOptimizer("Gradient descent", partial(torch.optim.SGD, lr=0.0)),
        "momentum": InnerOptimizer("Momentum", partial(torch.optim.SGD, lr=0.0, momentum=0.9)),
        "nesterov": InnerOptimizer("Nesterov", partial(torch.optim.SGD, lr=0.0, momentum=0.9, nesterov=True)),
        "adagrad": InnerOptimizer("Adagrad", torch.optim.Adagrad),
        "adam": InnerOptimizer("Adam", torch.optim.Adam),
        "exact": InnerOptimizer("Exact", None),
    }
)
"""By name, in the order shown."""

STEPPING: Mapping[str, InnerOptimizer] = MappingProxyType({name: each for name, each in INNER.items() if each.build})
"""The inner optimizers that take steps."""
