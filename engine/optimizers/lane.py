"""What all optimizers of the catalogue share: a lane of a race is an optimizer, its settings and its schedule."""

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal, Self

import torch
from pydantic import Field
from torch.optim.lr_scheduler import LRScheduler

from engine.fields import Real
from engine.optimizers.observe import Layers
from engine.optimizers.schedules import SCHEDULES, ScheduleName
from engine.optimizers.workload import Workload
from engine.spec import Spec

Closure = Literal["none", "backward", "loss"]


class Lane(Spec):
    """An optimizer with its hyper-parameters: the base of every record in the catalogue.

    A record is a subclass: its fields are the hyper-parameters, its class variables what is shown and how it is built.

    label: the name shown.            colour: its colour on every page, "#rrggbb".
    constructor: dotted path of the torch.optim.Optimizer class.
    rule: the update in LaTeX.        source: (title, address) of the publication.
    differs: where torch's form departs from the textbook's; empty where it does not.
    momentum_state: the entry of torch's optimizer state that holds the first moment, there after every step; "" where
        there is none.
    fixed: arguments of the constructor that are no settings.
    closure: what ``step`` must be given: "none", a closure that calls backward ("backward"), or one that only returns
        the loss with its graph ("loss").
    scheduled: whether a schedule acts on it; the page offers none where it does not.
    search: hyper-parameter -> the ends of the log-uniform range that a race's tuning draws from.
    state_classes: dotted paths of classes, besides tensors and plain values, that the optimizer's state holds.
    layered: the constructor takes a network's ``Layers``, not parameters.
    draws: the constructor takes a seed, of what it draws.
    reach: what a good rate is proportional to: "curvature" (1 / largest eigenvalue of the Hessian), "length" (the size
        of the region to cross; the step's length is about the rate), "both" (it must be small beside either), "model"
        (1 where the steps' quadratic model of the loss holds) or "unit" (a rate near 1 is right anywhere).
    """

    label: ClassVar[str]
    colour: ClassVar[str]
    constructor: ClassVar[str]
    rule: ClassVar[str]
    source: ClassVar[tuple[str, str]]
    differs: ClassVar[str] = ""
    momentum_state: ClassVar[str] = ""
    # Measured on two numbers: the loop over tensors takes 5 to 25 % less time a step and gives the same bits on a CPU.
    fixed: ClassVar[Mapping[str, Any]] = {"foreach": False}
    closure: ClassVar[Closure] = "none"
    scheduled: ClassVar[bool] = True
    search: ClassVar[Mapping[str, tuple[float, float]]] = {"lr": (1e-5, 1e-1)}
    state_classes: ClassVar[tuple[str, ...]] = ()
    layered: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    reach: ClassVar[Literal["curvature", "length", "both", "model", "unit"]] = "length"

    optimizer: str
    lr: Real
    schedule: ScheduleName = Field(
        "constant", title="Schedule", description="How the rate changes over the run", json_schema_extra={"link": "s"}
    )
    phase: Real = Field(
        0.3, gt=0, le=1, title="Phase", json_schema_extra={"unit": "share of the run", "symbol": "p", "link": "p"},
        description="Step: steps between drops. Warm-up: its length. One-cycle: the rise",
    )  # fmt: skip
    factor: Real = Field(
        0.1, ge=1e-6, le=1, title="Factor", json_schema_extra={"symbol": "c", "link": "f"},
        description="Step: what each drop multiplies by. Cosine: the last rate, warm-up and one-cycle: the first, "
        "as a share of the rate",
    )  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the constructor, plain Python values all.

        The base passes every hyper-parameter under its own name, then ``fixed``.
        """
        own = [name for name in type(self).model_fields if name not in Lane.model_fields]
        return {name: getattr(self, name) for name in ("lr", *own)} | dict(self.fixed)

    def called(self) -> str:
        """What a lane of these settings is called."""
        return self.label

    def stable_below(self) -> float | None:
        """The ``lr * lambda`` below which the iterates shrink on a quadratic of curvature ``lambda``.

        None where there is no such law for these settings.
        """
        return None

    def momentum_entry(self) -> str:
        """The state entry that holds the momentum under these settings."""
        return self.momentum_state

    def work(self, evaluation: float) -> float:
        """What a step on two parameters costs where a loss and its gradient cost ``evaluation``.

        Both in tensor operations, of about 10 microseconds each on one core.
        """
        return 8

    @classmethod
    def plain(cls) -> Self:
        """The record with all its defaults, which are torch's."""
        return cls.model_validate({})

    @classmethod
    def build(cls, params: Iterable[torch.Tensor], **hyper: Any) -> torch.optim.Optimizer:
        """A fresh optimizer over ``params``; hyper-parameters not given take the record's defaults.

        Raises pydantic.ValidationError for an unknown or out-of-range hyper-parameter.
        """
        lane = cls(**hyper)
        return lane.resolve()(params, **lane.arguments())

    def resolve(self) -> Callable[..., torch.optim.Optimizer]:
        """The constructor itself, imported when first wanted: some packages are slow to import."""
        module, name = self.constructor.rsplit(".", 1)
        constructor: Callable[..., torch.optim.Optimizer] = getattr(importlib.import_module(module), name)
        return constructor

    def period(self) -> int:
        """Steps after which the work of a step repeats: more than one where something is renewed now and then."""
        return 1

    def settled(self) -> int:
        """Steps after which the optimizer works as it always will."""
        return 1

    def rated(self) -> bool:
        """Whether a learning rate acts on it."""
        return True

    def network_work(self, net: Workload) -> float:
        """What a step costs on a network, in ``net``'s operations."""
        return net.step()

    def network_memory(self, net: Workload) -> int:
        """Numbers that training a network holds: its weights, a gradient and the optimizer's state."""
        return 4 * net.weights()

    def over(self, layers: Layers, seed: int = 0) -> torch.optim.Optimizer:
        """A fresh optimizer of a network's linear layers. ``seed``: of what it draws, where it draws anything."""
        trained = layers if self.layered else [parameter for layer, _ in layers for parameter in layer.parameters()]
        return self.resolve()(trained, **self.network_arguments(), **({"seed": seed} if self.draws else {}))

    def network_arguments(self) -> dict[str, Any]:
        """``arguments`` for the parameters of a network."""
        arguments = self.arguments()
        arguments.pop("foreach", None)  # what is quick on two numbers is not on millions
        return arguments

    def start(self, point: torch.Tensor, steps: int) -> tuple[torch.optim.Optimizer, LRScheduler | None]:
        """A fresh optimizer on ``point`` and its scheduler for a run of ``steps``; None for a constant rate."""
        optimizer = self.resolve()([point], **self.arguments())
        return optimizer, SCHEDULES[self.schedule].start(optimizer, self.lr, self.phase, self.factor, steps)
