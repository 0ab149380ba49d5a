"""The catalogue of optimizers: one record each, from plain gradient descent to second order.

A new optimizer is a new record and its name in ``AnyLane``, in ``AnyRacer`` if it trains networks, or in both.
"""

from typing import Annotated

from pydantic import Field

from engine.optimizers.adaptive import Adadelta, Adagrad, Adam, Adamax, AdamW, AMSGrad, NAdam, RAdam, RMSprop
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import ASGD, SGD, HeavyBall, Nesterov
from engine.optimizers.lane import Lane
from engine.optimizers.layered import KFAC, LocoPropM, LocoPropS, RepeatedAdam
from engine.optimizers.matrices import SOAP, Muon, Shampoo
from engine.optimizers.schedules import SCHEDULES
from engine.optimizers.signs import Lion, Rprop
from engine.optimizers.workload import Workload
from engine.spec import members, tag

__all__ = [
    "CATALOGUE",
    "KFAC",
    "LBFGS",
    "RACERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "AdamW",
    "AnyLane",
    "AnyRacer",
    "HeavyBall",
    "Lane",
    "Newton",
    "RMSprop",
    "Workload",
]

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
"""Any record that needs only parameters. Its first field says which."""

AnyRacer = Annotated[
    SGD
    | HeavyBall
    | Nesterov
    | Adagrad
    | RMSprop
    | Adam
    | RepeatedAdam
    | AdamW
    | NAdam
    | RAdam
    | Lion
    | LocoPropM
    | LocoPropS
    | KFAC
    | Shampoo
    | SOAP
    | Muon,
    Field(discriminator="optimizer"),
]
"""Any record that trains a network of linear layers on mini-batches."""

CATALOGUE: dict[str, type[Lane]] = {tag(record): record for record in members(AnyLane) if issubclass(record, Lane)}
"""Records of ``AnyLane`` by their key in links, in teaching order."""

RACERS: dict[str, type[Lane]] = {tag(record): record for record in members(AnyRacer) if issubclass(record, Lane)}
"""Records of ``AnyRacer`` by their key in links, in the order shown."""
