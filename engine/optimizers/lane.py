"""The base of all optimizers in the catalogue: their display, their settings, and how torch's optimizer is built.

A lane of a race is an optimizer with its settings and its schedule.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self

import torch
from pydantic import Field
from torch.optim.lr_scheduler import LRScheduler

from engine.fields import Choice, Real
from engine.optimizers.costs import Costs
from engine.optimizers.observe import Layers
from engine.optimizers.schedules import SCHEDULES
from engine.optimizers.tuning import Tuning
from engine.sources import with_needed

Closure = Literal["none", "backward", "loss"]


@dataclass(frozen=True, kw_only=True)
class Display:
    """The name, colour and explanation of an optimizer on the pages.

    label: the name shown.            colour: its colour on every page, "#rrggbb", see ``engine.figures.colours``.
    rule: the update in LaTeX.        source: (title, address) of the publication.
    differs: how torch's form differs from the textbook's form, or "" if both are equal.
    """

    label: str
    colour: str
    rule: str
    source: tuple[str, str]
    differs: str = ""


class Lane(Costs, Tuning):
    """An optimizer with its hyper-parameters: the base of every record in the catalogue.

    A record is a subclass. Its fields are the hyper-parameters. Its class variables and methods describe its costs and
    its tuning (see ``Costs`` and ``Tuning``), its display, and its construction:

    display: its name, colour, formula and source.
    constructor: dotted path of the torch.optim.Optimizer class.
    fixed: arguments of the constructor that are not settings.
    closure: what ``step`` needs: "none", a closure that calls backward ("backward"), or one that only returns the loss
        with its graph ("loss").
    layered: the constructor takes a network's ``Layers`` instead of parameters.
    draws: the constructor takes a seed, because the optimizer draws random numbers.
    momentum_state: the entry of torch's optimizer state that holds the first moment after every step; "" if there is
        none.
    state_classes: dotted paths of classes, besides tensors and plain values, that the optimizer's state holds.
    """

    display: ClassVar[Display]
    constructor: ClassVar[str]
    # On two numbers the loop over tensors takes 5 to 25 % less time per step than foreach=True, with the same bits.
    fixed: ClassVar[Mapping[str, Any]] = {"foreach": False}
    closure: ClassVar[Closure] = "none"
    layered: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    momentum_state: ClassVar[str] = ""
    state_classes: ClassVar[tuple[str, ...]] = ()

    optimizer: str
    lr: Real
    schedule: Annotated[str, Choice(SCHEDULES, "schedule")] = Field(
        "constant", title="Schedule", description="How the rate changes over the run", json_schema_extra={"link": "s"}
    )
    phase: Real = Field(
        0.3,
        gt=0,
        le=1,
        title="Phase",
        json_schema_extra={"unit": "share of the run", "symbol": "p", "link": "p"},
        description="Step: steps between drops. Warm-up: its length. One-cycle: the rise",
    )
    factor: Real = Field(
        0.1,
        ge=1e-6,
        le=1,
        title="Factor",
        json_schema_extra={"symbol": "c", "link": "f"},
        description="Step: what each drop multiplies by. Cosine: the last rate, warm-up and one-cycle: the first, "
        "as a share of the rate",
    )

    def called(self) -> str:
        """The name of a lane with these settings."""
        return self.display.label

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the constructor. All are plain Python values.

        The base passes every hyper-parameter under its own name, then ``fixed``.
        """
        own = [name for name in type(self).model_fields if name not in Lane.model_fields]
        return {name: getattr(self, name) for name in ("lr", *own)} | dict(self.fixed)

    def momentum_entry(self) -> str:
        """The state entry that holds the momentum under these settings."""
        return self.momentum_state

    @classmethod
    def plain(cls) -> Self:
        """The record with all its defaults, which are torch's."""
        return cls.model_validate({})

    @classmethod
    def build(cls, params: Iterable[torch.Tensor], **hyper: Any) -> torch.optim.Optimizer:
        """A new optimizer over ``params``. Hyper-parameters that are not given take the record's defaults.

        Raises pydantic.ValidationError for an unknown or out-of-range hyper-parameter.
        """
        lane = cls(**hyper)
        return lane.resolve()(params, **lane.arguments())

    def resolve(self) -> Callable[..., torch.optim.Optimizer]:
        """The constructor. It is imported at the first call, because some packages are slow to import."""
        module, name = self.constructor.rsplit(".", 1)
        constructor: Callable[..., torch.optim.Optimizer] = getattr(importlib.import_module(module), name)
        return constructor

    @classmethod
    def modules(cls) -> tuple[ModuleType, ...]:
        """The engine's modules that define the constructor, each after the modules it imports. None for torch's own."""
        path = cls.constructor.rpartition(".")[0]
        return with_needed(importlib.import_module(path)) if path.startswith("engine.") else ()

    def over(self, layers: Layers, seed: int = 0) -> torch.optim.Optimizer:
        """A new optimizer of a network's linear layers. seed: for the random numbers that it may draw."""
        trained = layers if self.layered else [parameter for layer, _ in layers for parameter in layer.parameters()]
        return self.resolve()(trained, **self.network_arguments(), **({"seed": seed} if self.draws else {}))

    def network_arguments(self) -> dict[str, Any]:
        """``arguments`` for the parameters of a network."""
        arguments = self.arguments()
        arguments.pop("foreach", None)  # the loop over tensors is faster for two numbers and slower for millions
        return arguments

    def start(self, point: torch.Tensor, steps: int) -> tuple[torch.optim.Optimizer, LRScheduler | None]:
        """A new optimizer on ``point``, and its scheduler for a run of ``steps`` (None for a constant rate)."""
        optimizer = self.resolve()([point], **self.arguments())
        return optimizer, SCHEDULES[self.schedule].start(optimizer, self.lr, self.phase, self.factor, steps)
