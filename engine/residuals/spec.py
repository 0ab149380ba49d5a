"""The settings of the topic: the textbook's example, which has none, and the training of both twins."""

from collections.abc import Iterable
from typing import Annotated, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor

from engine.data.samples import SAMPLES
from engine.fields import Choice, Real
from engine.optimizers import RACERS, Lane
from engine.signals.spec import StackSpec
from engine.spec import Spec

MOST_PATHS = 1.2e10
"""Floating-point operations allowed for all path lengths. They grow with the square of the number of shortcuts."""

MOST_TRAINING = 1e14
"""Floating-point operations allowed in one training; a sweep up to the same depth takes at most four times as many."""

EXAMPLES = 6_000
"""Training samples; a data set may have more."""

OPTIMIZERS = {"sgd": "Gradient descent", "momentum": "Momentum", "adam": "Adam"}
"""Optimizers of the catalogue that can train the twins, with their labels."""

LOOKS = 40
"""How often a training records both twins, its start and its end included."""

PROBE = 64
"""Training samples whose gradients are recorded, the same each time."""

EVALUATED = 1_000
"""Training samples over which a twin's loss is taken, the same each time."""

SMALL = 128
"""At or below this width one thread is faster."""

CALL, PACE = 1e-3, 3e10
"""Seconds that a step spends on calling both twins' code for one layer, whatever its size; operations a second."""

DEPTHS = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 130, 200)
"""The depths of a sweep, as far as they lie below the spec's own depth, which comes last."""


def path_work(spec: StackSpec, samples: int) -> float:
    """Floating-point operations of all path lengths, roughly: every path goes once through each branch before it."""
    return 2.0 * spec.depth * len(spec.spans()) * spec.width**2 * samples


def path_samples(spec: StackSpec) -> int:
    """Samples of the batch whose gradients can be split within ``MOST_PATHS``."""
    return min(spec.batch, int(MOST_PATHS // path_work(spec, 1)))


class TextbookSpec(Spec):
    """The textbook's example has no settings: layers, weights and input are those of the book."""


class TrainingSpec(StackSpec):
    """A plain network and its residual twin, trained alike."""

    data: Annotated[str, Choice(SAMPLES, "data set")] = Field(
        "spirals", title="Data", description=f"What both twins learn to classify: {EXAMPLES:,} samples"
    )
    optimizer: Annotated[str, Choice(OPTIMIZERS, "optimizer")] = Field(
        "adam",
        title="Optimizer",
        description="Trains both twins: gradient descent, the same with momentum 0.9, or Adam",
    )
    lr: Real = Field(
        1e-3, gt=0, le=10, title="Learning rate", description="The same for both twins", json_schema_extra={"log": True}
    )
    warmup: int = Field(
        0, ge=0, le=2_000, title="Warm-up", description="Over these steps the rate rises from 0 to its full value",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip
    steps: int = Field(
        400, ge=10, le=10_000, title="Steps", description="Batches that both twins are trained on",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip

    @model_validator(mode="after")
    def can_be_trained(self) -> Self:
        if (work := self.steps * self.work() + LOOKS * path_work(self, PROBE)) > MOST_TRAINING:
            raise ValueError(
                f"the training takes {work:.2g} operations, at most {MOST_TRAINING:.2g}: fewer steps or less depth"
            )
        return self

    def lane(self) -> Lane:
        """The record of the twins' optimizer."""
        return RACERS[self.optimizer].model_validate({"lr": self.lr})

    def fresh_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        """A new optimizer over ``parameters``."""
        lane = self.lane()
        return lane.resolve()(parameters, **lane.network_arguments())

    def small(self) -> bool:
        """Whether one thread is faster than several."""
        return self.width <= SMALL

    def minutes(self, depths: tuple[int, ...] = ()) -> float:
        """Minutes that the training, or a sweep over ``depths``, takes on two CPU cores, roughly."""
        layers = sum(depths or (self.depth,))
        return layers * self.steps * (CALL + 12.0 * self.width**2 * self.batch / PACE) / 60

    def depths(self) -> tuple[int, ...]:
        """The depths of a sweep, rising; the spec's own is the last."""
        return (*(depth for depth in DEPTHS if depth < self.depth), self.depth)
