"""The catalogue of optimizers: one record each, from plain gradient descent to second order.

A new optimizer is a new record and its name in ``AnyLane``.
"""

from typing import Annotated

from pydantic import Field

from engine.optimizers.adaptive import Adadelta, Adagrad, Adam, Adamax, AdamW, AMSGrad, NAdam, RAdam, RMSprop
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import ASGD, SGD, HeavyBall, Nesterov
from engine.optimizers.lane import Lane
from engine.optimizers.newton import DampedNewton
from engine.optimizers.schedules import SCHEDULES
from engine.optimizers.signs import Lion, Rprop
from engine.spec import members, tag

__all__ = ["CATALOGUE", "SCHEDULES", "AnyLane", "DampedNewton", "Lane"]

AnyLane = Annotated[
    SGD
    | HeavyBall
    | Nesterov
    | ASGD
    | Rprop
    | Adagrad
    | RMSprop
    | Adadelta
    | Adam
    | AdamW
    | AMSGrad
    | NAdam
    | RAdam
    | Adamax
    | Lion
    | LBFGS
    | Newton,
    Field(discriminator="optimizer"),
]
"""Any record, told apart by its first field."""

CATALOGUE: dict[str, type[Lane]] = {tag(record): record for record in members(AnyLane) if issubclass(record, Lane)}
"""Records by their key in links, in teaching order."""
