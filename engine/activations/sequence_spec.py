"""The settings of trainings on signals: convolutional or recurrent networks that differ in their schemes."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engine.activations.units import FormulaSpec, Scheme
from engine.fields import Choice, Real

SHARINGS = {"convolutional": "Convolutional", "recurrent": "Recurrent"}
"""The kinds of networks: their weights are the same at each place, or at each step."""

SIGNALS, HELD_OUT, TESTED, SEQUENCE_LOOKS = 4_000, 1_000, 2_000, 11
"""Signals to learn from, signals for each look, signals for the test at the end, and the number of looks."""

LAYER_SECONDS = {"convolutional": 1.6e-3, "recurrent": 6e-3}
"""Seconds for a step of one layer, forward and backward, with 32 units and 64 signals on one core.

About half of it does not depend on the sizes, because it is the time to start small operations.
"""

LONGEST_TRAINING = 3_600.0
"""The most seconds that a training may take."""


class Learner(Scheme):
    """A scheme with the rate at which its network learns. A recurrent network draws U, from state to state, by it."""

    kind: Literal["learner"] = "learner"  # type: ignore[assignment]
    lr: Real = Field(
        0.008, gt=0, le=1, title="Learning rate", description="That of Adam", json_schema_extra={"draw": "log-slider"}
    )


class SequenceSpec(FormulaSpec):
    """The training of convolutional or recurrent networks that differ in their schemes, on the same batches."""

    network: Annotated[str, Choice(SHARINGS, "network")] = Field(
        "convolutional",
        title="Network",
        description="It slides over the signal, or it reads the signal point by point",
        json_schema_extra={"draw": "segmented"},
    )
    learners: tuple[Learner, ...] = Field(
        tuple(
            Learner(activation=name, lr=0.008 if name == "tanh" else 0.016)
            for name in ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")
        ), min_length=1, max_length=8,
        title="Networks", description="The networks that are trained: activation, initialization and learning rate",
    )  # fmt: skip
    depth: int = Field(
        3, ge=1, le=30, title="Depth", description="Layers before the last, which gives the logits",
        json_schema_extra={"unit": "layers", "draw": "slider"},
    )  # fmt: skip
    width: int = Field(
        16, ge=1, le=128, title="Width", description="Filters of a convolution, or units of a recurrent layer"
    )
    batch: int = Field(
        64, ge=2, le=256, title="Batch", description="Signals per step", json_schema_extra={"unit": "signals"}
    )
    steps: int = Field(
        500, ge=10, le=5_000, title="Steps", description="One batch per step", json_schema_extra={"unit": "steps"}
    )
    seeds: int = Field(
        5, ge=1, le=10, title="Seeds", description="How often each network is drawn anew and trained; a band shows them"
    )
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Fixes weights, signals and batches")

    @model_validator(mode="after")
    def can_be_trained(self) -> Self:
        if (seconds := self.seconds()) > LONGEST_TRAINING:
            raise ValueError(
                f"the training takes about {seconds / 60:.0f} minutes, but at most {LONGEST_TRAINING / 60:.0f} are "
                "allowed; choose fewer steps, seeds, layers or networks"
            )
        return self

    def seconds(self) -> float:
        """About how many seconds the training takes on one CPU core."""
        size = 0.5 + 0.5 * math.pow(self.width / 32, 1.5) * self.batch / 64
        return LAYER_SECONDS[self.network] * size * self.depth * self.steps * self.seeds * len(self.learners)
