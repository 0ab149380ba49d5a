"""The settings of a deep stack of layers: a plain network and its residual twin."""

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.fields import Choice, Real
from engine.nn import ACTIVATIONS, INITIALIZERS
from engine.spec import Spec

MOST_WORK = 4e10
"""Floating-point operations allowed in one pass through both twins, forward and back: about two seconds on one core."""

MOST_WEIGHTS = 2e7
"""Weights allowed in one twin's trunk: 80 MB. Both twins store them, and their gradients take as much again."""

CLASSES = 10
"""Kinds of labels."""

NORMS = {"none": "None", "pre": "LayerNorm before", "post": "LayerNorm after", "batch": "BatchNorm"}

SCALES = {"one": "1", "root": "1/√L", "depth": "1/L", "zero": "Learned, from 0 (ReZero)", "own": "Your own"}

PROJECTIONS = {"linear": "A linear map", "first": "The first units", "none": "No shortcut"}


class StackSpec(Spec):
    """A plain and a residual network with the same weights, on the same batch.

    A trunk of ``depth`` weight layers stands between a linear stem and a linear head. Layers form blocks, and each
    shortcut spans some blocks. The plain twin is the same trunk without shortcuts. The inputs are normal and the labels
    random, one of ``CLASSES``: the cross-entropy of such labels does not vanish where the signal does.
    """

    depth: int = Field(
        40, ge=1, le=200, title="Depth", description="Weight layers between stem and head",
        json_schema_extra={"unit": "layers"},
    )  # fmt: skip
    width: int = Field(
        64, ge=2, le=512, title="Width", description="Units of a layer", json_schema_extra={"unit": "units"}
    )
    batch: int = Field(
        128, ge=2, le=512, title="Batch", description="Inputs at once", json_schema_extra={"unit": "samples"}
    )
    activation: Annotated[str, Choice(ACTIVATIONS, "activation")] = Field(
        "tanh", title="Activation", description="Between the weights"
    )
    initializer: Annotated[str, Choice(INITIALIZERS, "initialization")] = Field(
        "torch", title="Initialization", description="What the trunk's weights are drawn from; biases are 0"
    )
    gain: Real = Field(1.0, ge=0, le=10, title="Weight scale", description="Multiplies every drawn weight of the trunk")
    order: Annotated[str, Choice({"after": "After the weight", "before": "Before the weight"}, "order")] = Field(
        "after", title="Activation stands", description="After each weight, as in the textbooks, or before it"
    )
    block: int = Field(
        1, ge=1, le=2, title="Layers in a block",
        description="Weight layers that share one normalization; a shortcut spans at least these",
        json_schema_extra={"unit": "layers"},
    )  # fmt: skip
    every: int = Field(
        1, ge=1, le=10, title="Shortcut every", description="Blocks that one shortcut spans",
        json_schema_extra={"unit": "blocks"},
    )  # fmt: skip
    norm: Annotated[str, Choice(NORMS, "normalization")] = Field(
        "none",
        title="Normalization",
        description="LayerNorm before each block, LayerNorm after each sum, or BatchNorm at every weight",
    )
    scale: Annotated[str, Choice(SCALES, "branch scale")] = Field(
        "one",
        title="Branch scale",
        description="What multiplies a branch: 1, 1/√L or 1/L for L shortcuts, a learned 0 as in ReZero, or your own",
    )
    own_scale: Real = Field(0.5, ge=-4, le=4, title="Own branch scale", description="What multiplies a branch")
    halvings: int = Field(
        0, ge=0, le=4, title="Halvings", description="How often the width is halved on the way, at equal distances"
    )
    projection: Annotated[str, Choice(PROJECTIONS, "projection")] = Field(
        "linear",
        title="Where shapes differ",
        description="The shortcut is a linear map, the first units alone, or left out",
    )
    seed: int = Field(123, ge=0, le=999_999, title="Seed", description="Fixes the weights, inputs and labels")

    @model_validator(mode="after")
    def is_affordable(self) -> Self:
        if self.width >> self.halvings < 1:
            raise ValueError(f"a width of {self.width} cannot be halved {self.halvings} times")
        if (weights := self.weights()) > MOST_WEIGHTS:
            raise ValueError(f"the trunk has {weights:.2g} weights, at most {MOST_WEIGHTS:.2g}: less depth or width")
        if (work := self.work()) > MOST_WORK:
            raise ValueError(
                f"both twins take {work:.2g} operations, at most {MOST_WORK:.2g}: less depth, width or batch"
            )
        return self

    def spans(self) -> list[int]:
        """Weight layers that each shortcut spans, first to last. The last one may span fewer."""
        size = self.block * self.every
        whole, rest = divmod(self.depth, size)
        return [size] * whole + [rest] * (rest > 0)

    def branch_scale(self) -> float:
        """The factor on each branch at the start of training."""
        count = len(self.spans())
        scales = {"one": 1.0, "root": 1 / math.sqrt(count), "depth": 1 / count, "zero": 0.0, "own": self.own_scale}
        return scales[self.scale]

    def weights(self) -> int:
        """Weights of one twin's trunk; fewer if its width is halved on the way."""
        return self.depth * self.width**2

    def work(self) -> float:
        """Floating-point operations of a forward and a backward pass through both twins, roughly."""
        return 12.0 * self.weights() * self.batch
