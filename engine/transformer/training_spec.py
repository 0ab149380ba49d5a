"""The settings of the training of a small model on a task."""

from collections.abc import Iterable
from typing import Annotated, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor

from engine.fields import Choice, Real
from engine.optimizers import RACERS, Lane
from engine.spec import Spec
from engine.training import cosine, rate
from engine.transformer.architectures import KINDS, build
from engine.transformer.model import Architecture, Model
from engine.transformer.tasks import TASKS, Task
from engine.transformer.tasks.vocabulary import PAD

POSITIONS = {"rotary": "Rotary", "sinusoidal": "Sinusoidal", "learned": "Learned", "none": "None"}
NORMS = {"pre": "Before branches", "post": "After sums"}
FALLS = {"constant": "Constant", "cosine": "Half a cosine"}

MOST_TRAINING = 1e15
"""The most floating-point operations that one training may take."""

PACE, CALL = 2e10, 4e-3
"""The cost of a step: operations per second, and seconds per layer at any size, on one core."""


class LearnSpec(Spec):
    """The training of a small model on a task."""

    task: Annotated[str, Choice(TASKS, "task")] = Field("induction", title="Task", description="What is learned")
    kind: Annotated[str, Choice(KINDS, "kind of model")] = Field(
        "transformer", title="Model", description="A transformer, or what came before"
    )
    layers: int = Field(
        2, ge=1, le=6, title="Layers", description="Blocks of each stack", json_schema_extra={"draw": "slider"}
    )
    width: int = Field(
        64, ge=8, le=256, title="Width", description="Units per token", json_schema_extra={"unit": "units"}
    )
    heads: int = Field(2, ge=1, le=16, title="Heads", description="Heads per attention; they must divide the width")
    feed_forward: int = Field(
        0,
        ge=0,
        le=1024,
        title="MLP",
        description="Units within an MLP; 0 for none",
        json_schema_extra={"unit": "units"},
    )
    layer_norm: Annotated[str, Choice(NORMS, "place of LayerNorm")] = Field(
        "pre", title="LayerNorm", description="Before each branch or after each sum"
    )
    positions: Annotated[str, Choice(POSITIONS, "kind of positions")] = Field(
        "rotary", title="Positions", description="How the model knows a token's place"
    )
    bias: bool = Field(False, title="Biases", description="Whether the matrices have biases")
    enlarged: bool = Field(False, title="Scale embeddings", description="Multiply embeddings by the root of the width")
    spread: Real = Field(
        0.02, ge=0, le=1, title="Initial spread",
        description="Standard deviation of all weights at the start; 0 for Xavier's rule",
    )  # fmt: skip
    dropout: Real = Field(0.0, ge=0, le=0.9, title="Dropout", description="Share of units dropped in training")
    batch: int = Field(
        64, ge=1, le=512, title="Batch", description="Texts per step", json_schema_extra={"unit": "texts"}
    )
    steps: int = Field(
        300, ge=1, le=20_000, title="Steps", description="One batch per step", json_schema_extra={"unit": "steps"}
    )
    every: int = Field(
        25, ge=1, le=20_000, title="Look every", description="Steps between two looks at held-out texts",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip
    lr: Real = Field(
        0.003, gt=0, le=1, title="Learning rate", description="Of AdamW", json_schema_extra={"draw": "log-slider"}
    )
    warmup: int = Field(
        100,
        ge=0,
        le=5_000,
        title="Warm-up",
        description="Steps in which the rate rises",
        json_schema_extra={"unit": "steps"},
    )
    fall: Annotated[str, Choice(FALLS, "schedule")] = Field(
        "constant", title="Then", description="What the rate does after its rise"
    )
    weight_decay: Real = Field(0.0, ge=0, le=1, title="Weight decay", description="Of AdamW")
    clip: Real = Field(1.0, ge=0, le=1_000, title="Clip", description="Greatest norm of the gradient; 0 for no limit")
    seed: int = Field(0, ge=0, le=999_999, title="Seed", description="Fixes weights and batches")

    @model_validator(mode="after")
    def can_be_trained(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {self.width}")
        if self.width % 2 or (self.positions == "rotary" and self.width // self.heads % 2):
            raise ValueError("the width of a model, and of a head with rotary positions, must be even")
        if KINDS[self.kind].pairs and self.chosen().sources is None:
            raise ValueError(f"a model of the kind {self.kind} needs a task with sources, such as dates")
        if self.positions == "rotary" and self.chosen().sources is not None:
            raise ValueError("rotary positions are for one text; choose sinusoidal ones for a task with sources")
        if (work := self.steps * self.work()) > MOST_TRAINING:
            raise ValueError(
                f"the training takes {work:.2g} operations, but at most {MOST_TRAINING:.2g} are allowed; choose fewer "
                "steps or a smaller model"
            )
        return self

    def chosen(self) -> Task:
        """The task."""
        return TASKS[self.task]

    def architecture(self) -> Architecture:
        """What the model is made of."""
        task = self.chosen()
        pair = task.sources is not None
        return Architecture(
            kind="encoder_decoder" if pair else "decoder",
            targets=len(task.targets),
            sources=len(task.sources) if task.sources else 0,
            tokens=max(task.longest) + 1,
            pad=PAD if pair else None,
            layers=self.layers,
            width=self.width,
            heads=self.heads,
            feed_forward=self.feed_forward,
            layer_norm="pre" if self.layer_norm == "pre" else "post",
            positions=self.positions,
            bias=self.bias,
            enlarged=self.enlarged,
            dropout=self.dropout,
        )

    def model(self) -> Model:
        """A model before its training."""
        return build(self.kind, self.architecture(), self.seed, self.spread)

    def lane(self) -> Lane:
        """The optimizer with its settings, as a record of the catalogue."""
        return RACERS["adamw"].model_validate({"lr": self.lr, "beta2": 0.98, "weight_decay": self.weight_decay})

    def fresh_optimizer(self, parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
        """A new optimizer over ``parameters``."""
        lane = self.lane()
        return lane.resolve()(parameters, **lane.network_arguments())

    def factor(self, step: int) -> float:
        """The factor of the learning rate at a step, counted from 0."""
        if self.fall == "constant":
            return rate(step + 1, self.warmup)
        return cosine(step + 1, self.warmup, self.steps + 1)

    def work(self) -> float:
        """The approximate number of floating-point operations of a step."""
        stacks = 1 if self.chosen().sources is None else 2
        weights = stacks * self.layers * self.width * (6 * self.width + 2 * self.feed_forward)
        return 6.0 * self.batch * max(self.chosen().longest) * (weights + self.width * len(self.chosen().targets))

    def seconds(self) -> float:
        """About how many seconds the training takes on one core."""
        return self.steps * (CALL * self.layers + self.work() / PACE)
