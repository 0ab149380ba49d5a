"""The settings of the trainings: networks side by side, and the network that is to be repaired."""

from collections.abc import Iterable
from typing import Annotated, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor

from engine.activations.spec import DepthSpec
from engine.activations.units import FormulaSpec, Scheme
from engine.data.samples import SAMPLES
from engine.fields import Choice, Real
from engine.optimizers import RACERS, Lane
from engine.spec import Spec

OPTIMIZERS = {name: RACERS[name].display for name in ("sgd", "momentum", "adam")}
"""The optimizers of the catalogue that can train the networks."""

MOST_TRAINING = 5e13
"""The most floating-point operations that one training may take."""

EXAMPLES, EVALUATED, LOOKS = 6_000, 1_000, 40
"""The training samples used, those over which a loss is recorded, and how often a training records its networks."""

CALL, TRAINING_PACE = 2.5e-4, 3e10
"""The cost of a training step: seconds per layer of one network, at any size, and operations per second."""


class TrainSpec(FormulaSpec):
    """The training of networks that differ in their schemes, on the same batches."""

    schemes: tuple[Scheme, ...] = Field(
        DepthSpec.model_fields["schemes"].default, min_length=1, max_length=6, title="Networks",
        description="The networks that are trained: activation, initialization, scale and biases",
    )  # fmt: skip
    depth: int = Field(
        10, ge=1, le=50, title="Depth", description="Layers before the last, which gives the logits",
        json_schema_extra={"unit": "layers", "draw": "slider"},
    )  # fmt: skip
    width: int = Field(
        64, ge=1, le=512, title="Width", description="Units per layer", json_schema_extra={"unit": "units"}
    )
    batch: int = Field(
        64, ge=2, le=512, title="Batch", description="Samples per step", json_schema_extra={"unit": "samples"}
    )
    data: Annotated[str, Choice(SAMPLES, "data set")] = Field(
        "spirals", title="Data", description=f"All networks learn to classify {EXAMPLES:,} samples of this data set"
    )
    last: Real = Field(
        1.0, ge=0, le=100, title="Scale of the last layer", description="Multiplies the last layer's weights",
        json_schema_extra={"draw": "log-slider"},
    )  # fmt: skip
    optimizer: Annotated[str, Choice(OPTIMIZERS, "optimizer")] = Field(
        "adam", title="Optimizer", description="Gradient descent, gradient descent with momentum 0.9, or Adam"
    )
    lr: Real = Field(
        0.001, gt=0, le=10, title="Learning rate", description="The same for all networks",
        json_schema_extra={"draw": "log-slider"},
    )  # fmt: skip
    steps: int = Field(
        400, ge=10, le=10_000, title="Steps", description="One batch per step", json_schema_extra={"unit": "steps"}
    )
    seeds: int = Field(
        3, ge=1, le=10, title="Seeds", description="How often each network is drawn anew and trained; a band shows them"
    )
    threshold: Real = Field(
        0.01,
        gt=0,
        le=1,
        title="Flat below",
        description="An activation with a smaller slope counts as flat",
    )
    order: int = Field(
        0, ge=0, le=999_999, title="Order", description="Another number gives the same weights other batches"
    )
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Fixes weights, samples and batches")

    @model_validator(mode="after")
    def can_be_trained(self) -> Self:
        if (work := self.steps * self.work()) > MOST_TRAINING:
            raise ValueError(
                f"the training takes {work:.2g} operations, but at most {MOST_TRAINING:.2g} are allowed; choose fewer "
                "steps, seeds or networks"
            )
        return self

    def work(self) -> float:
        """The approximate number of floating-point operations of a step of all networks."""
        return 6.0 * self.depth * self.width**2 * self.batch * self.seeds * len(self.schemes)

    def seconds(self) -> float:
        """About how many seconds the training takes on two CPU cores."""
        calls = CALL * (self.depth + 2) * self.seeds * len(self.schemes)
        return self.steps * (calls + self.work() / TRAINING_PACE)

    def lane(self) -> Lane:
        """The optimizer with its learning rate, as a record of the catalogue."""
        return RACERS[self.optimizer].model_validate({"lr": self.lr})

    def fresh_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        """A new optimizer over ``parameters``."""
        lane = self.lane()
        return lane.resolve()(parameters, **lane.network_arguments())

    def drawn(self) -> DepthSpec:
        """The settings by which the networks are drawn."""
        return DepthSpec(**{name: getattr(self, name) for name in DRAWN}, draws=1, batch=2)


DRAWN = ("formula", "schemes", "depth", "width", "last", "threshold", "seed")
"""The settings of a training that decide how its networks are drawn."""


class RepairSpec(Spec):
    """A network with five faults, and which of them are repaired. Every network is trained in the same way."""

    head: bool = Field(
        False,
        title="Scale the last layer down",
        description="Its weights, and so the logits, are 100 times too large",
    )
    exploding: bool = Field(
        False, title="Scale layer 1 down", description="The weights of its ReLUs are 10 times too large"
    )
    saturated: bool = Field(
        False, title="Unsaturate layer 2", description="The weights of its tanh are 20 times too large"
    )
    dead: bool = Field(
        False, title="Wake the units of layer 3", description="The biases of its ReLUs start at −2.5 instead of 0"
    )
    vanishing: bool = Field(
        False, title="Scale layer 4 up", description="The weights of its tanh are 20 times too small"
    )
    data: Annotated[str, Choice(SAMPLES, "data set")] = Field(
        "spirals", title="Data", description=f"The network learns to classify {EXAMPLES:,} samples of this data set"
    )
    lr: Real = Field(
        0.1, gt=0, le=10, title="Learning rate", description="Of gradient descent",
        json_schema_extra={"draw": "log-slider"},
    )  # fmt: skip
    steps: int = Field(
        200, ge=10, le=1_000, title="Steps", description="One batch of 64 per step", json_schema_extra={"unit": "steps"}
    )
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Fixes weights, samples and batches")

    def repaired(self) -> tuple[str, ...]:
        """The faults that are repaired, in the order of ``REPAIRS``."""
        return tuple(name for name in REPAIRS if getattr(self, name))


REPAIRS = ("head", "exploding", "saturated", "dead", "vanishing")
"""The faults, in the order of the ladder: fields of ``RepairSpec``."""
