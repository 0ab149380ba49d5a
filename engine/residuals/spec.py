"""The settings of the training of both twins. The textbook's example has a class here too, but no settings."""

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
"""The most floating-point operations that all path lengths together may take.

The number of operations grows with the square of the number of shortcuts.
"""

MOST_TRAINING = 1e14
"""The most floating-point operations that one training may take.

A sweep up to the depth of the training takes at most four times as many operations as the training.
"""

EXAMPLES = 6_000
"""The number of training samples used. A data set may have more."""

OPTIMIZERS = {name: RACERS[name].display for name in ("sgd", "momentum", "adam")}
"""The optimizers of the catalogue that can train the twins."""

LOOKS = 40
"""How many times a training records both twins. Its start and its end are included."""

PROBE = 64
"""The number of training samples whose gradients are recorded. Each record uses the same samples."""

EVALUATED = 1_000
"""The number of training samples over which a twin's loss is recorded. Each record uses the same samples."""

SMALL = 128
"""At or below this width one thread is faster than several."""

CALL, PACE = 1e-3, 3e10
"""The cost of a training step: seconds per layer to call both twins' code, at any size, and operations per second."""

DEPTHS = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 130, 200)
"""The depths of a sweep. Only those below the spec's own depth are used. The spec's own depth is added as the last."""


def path_work(spec: StackSpec, samples: int) -> float:
    """The approximate number of floating-point operations that all path lengths together take.

    For each path length, the gradient passes once through each branch of the network.
    """
    return 2.0 * spec.depth * len(spec.spans()) * spec.width**2 * samples


def path_samples(spec: StackSpec) -> int:
    """The number of samples of the batch whose gradients can be split within ``MOST_PATHS`` operations."""
    return min(spec.batch, int(MOST_PATHS // path_work(spec, 1)))


class TextbookSpec(Spec):
    """The textbook's example has no settings, because its layers, weights and input are those of the book."""


class TrainingSpec(StackSpec):
    """The training of a plain network and of its residual twin, with the same settings for both."""

    data: Annotated[str, Choice(SAMPLES, "data set")] = Field(
        "spirals", title="Data", description=f"Both twins learn to classify {EXAMPLES:,} samples of this data set"
    )
    optimizer: Annotated[str, Choice(OPTIMIZERS, "optimizer")] = Field(
        "adam",
        title="Optimizer",
        description="Trains both twins: gradient descent, gradient descent with momentum 0.9, or Adam",
    )
    lr: Real = Field(
        1e-3,
        gt=0,
        le=10,
        title="Learning rate",
        description="The same for both twins",
        json_schema_extra={"draw": "log-slider"},
    )
    warmup: int = Field(
        0, ge=0, le=2_000, title="Warm-up",
        description="During these first steps the learning rate rises from 0 to its full value",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip
    steps: int = Field(
        400, ge=10, le=10_000, title="Steps", description="Both twins take this many steps, one batch per step",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip

    @model_validator(mode="after")
    def can_be_trained(self) -> Self:
        if (work := self.steps * self.work() + LOOKS * path_work(self, PROBE)) > MOST_TRAINING:
            raise ValueError(
                f"the training takes {work:.2g} operations, but at most {MOST_TRAINING:.2g} are allowed; choose fewer "
                "steps or less depth"
            )
        return self

    def lane(self) -> Lane:
        """The twins' optimizer with its learning rate, as a record of the catalogue."""
        return RACERS[self.optimizer].model_validate({"lr": self.lr})

    def fresh_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        """A new optimizer over ``parameters``."""
        lane = self.lane()
        return lane.resolve()(parameters, **lane.network_arguments())

    def small(self) -> bool:
        """Whether one thread is faster than several."""
        return self.width <= SMALL

    def seconds(self, depths: tuple[int, ...] = ()) -> float:
        """About how many seconds the training, or a sweep over ``depths``, takes on two CPU cores."""
        layers = sum(depths or (self.depth,))
        return layers * self.steps * (CALL + 12.0 * self.width**2 * self.batch / PACE)

    def depths(self) -> tuple[int, ...]:
        """The depths of a sweep, in rising order. The last is the spec's own depth."""
        return (*(depth for depth in DEPTHS if depth < self.depth), self.depth)
