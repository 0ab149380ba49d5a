"""The settings of a deep stack of layers: a plain network and its residual twin."""

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.fields import Choice, Real
from engine.nn import ACTIVATIONS, INITIALIZERS
from engine.spec import Spec

MOST_WORK = 4e10
"""The most floating-point operations that a forward and a backward pass through both twins may take.

They take about two seconds on one core.
"""

MOST_WEIGHTS = 2e7
"""The most weights that one twin's trunk may have. They take 80 MB.

Each twin stores its own weights, and the gradients take as much memory as the weights.
"""

CLASSES = 10
"""The number of classes of the labels."""

NORMS = {"none": "None", "pre": "LayerNorm before", "post": "LayerNorm after", "batch": "BatchNorm"}

SCALES = {"one": "1", "root": "1/√L", "depth": "1/L", "zero": "Learned, from 0 (ReZero)", "own": "Your own"}

PROJECTIONS = {"linear": "A linear map", "first": "The first units", "none": "No shortcut"}


class StackSpec(Spec):
    """A plain and a residual network with the same weights, on the same batch.

    A trunk of ``depth`` weight layers stands between a linear stem and a linear head. Layers form blocks, and each
    shortcut spans one or more blocks. The plain twin has the same trunk without shortcuts. The inputs are normal. The
    labels are drawn at random from ``CLASSES`` classes, so the cross-entropy does not vanish even if the signal does.
    """

    depth: int = Field(
        40, ge=1, le=200, title="Depth", description="Weight layers between stem and head",
        json_schema_extra={"unit": "layers", "draw": "slider"},
    )  # fmt: skip
    width: int = Field(
        64, ge=2, le=512, title="Width", description="Units per layer", json_schema_extra={"unit": "units"}
    )
    batch: int = Field(
        128, ge=2, le=512, title="Batch", description="Inputs per batch", json_schema_extra={"unit": "samples"}
    )
    activation: Annotated[str, Choice(ACTIVATIONS, "activation")] = Field(
        "tanh", title="Activation", description="The function between the weights"
    )
    initializer: Annotated[str, Choice(INITIALIZERS, "initialization")] = Field(
        "torch", title="Initialization", description="The rule that draws the trunk's weights; biases are 0"
    )
    gain: Real = Field(1.0, ge=0, le=10, title="Weight scale", description="Multiplies every drawn weight of the trunk")
    order: Annotated[str, Choice({"after": "After the weight", "before": "Before the weight"}, "order")] = Field(
        "after", title="Activation stands", description="After each weight, as in the textbooks, or before each weight"
    )
    block: int = Field(
        1, ge=1, le=2, title="Layers in a block",
        description="Weight layers that share one normalization; a shortcut spans at least one block",
        json_schema_extra={"unit": "layers"},
    )  # fmt: skip
    every: int = Field(
        1, ge=1, le=10, title="Shortcut every", description="How many blocks one shortcut spans",
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
        description="The factor on each branch: 1, 1/√L or 1/L for L shortcuts, a number learned from 0, or your own",
    )
    own_scale: Real = Field(0.5, ge=-4, le=4, title="Own branch scale", description="The factor on each branch")
    halvings: int = Field(
        0, ge=0, le=4, title="Halvings", description="How many times the trunk halves the width, at equal distances"
    )
    projection: Annotated[str, Choice(PROJECTIONS, "projection")] = Field(
        "linear",
        title="Where shapes differ",
        description="The shortcut is a linear map, a copy of the first units only, or absent",
    )
    seed: int = Field(123, ge=0, le=999_999, title="Seed", description="Fixes the weights, inputs and labels")

    @model_validator(mode="after")
    def is_affordable(self) -> Self:
        if self.width >> self.halvings < 1:
            raise ValueError(f"a width of {self.width} cannot be halved {self.halvings} times")
        if (weights := self.weights()) > MOST_WEIGHTS:
            raise ValueError(
                f"the trunk has {weights:.2g} weights, but at most {MOST_WEIGHTS:.2g} are allowed; choose less depth "
                "or width"
            )
        if (work := self.work()) > MOST_WORK:
            raise ValueError(
                f"both twins take {work:.2g} operations, but at most {MOST_WORK:.2g} are allowed; choose less depth, "
                "width or batch"
            )
        return self

    def spans(self) -> list[int]:
        """The number of weight layers that each shortcut spans, first to last. The last shortcut may span fewer."""
        size = self.block * self.every
        whole, rest = divmod(self.depth, size)
        return [size] * whole + [rest] * (rest > 0)

    def branch_scale(self) -> float:
        """The factor on each branch at the start of training."""
        count = len(self.spans())
        scales = {"one": 1.0, "root": 1 / math.sqrt(count), "depth": 1 / count, "zero": 0.0, "own": self.own_scale}
        return scales[self.scale]

    def weights(self) -> int:
        """The number of weights of one twin's trunk. If the trunk halves its width, it has fewer weights than this."""
        return self.depth * self.width**2

    def work(self) -> float:
        """The approximate number of floating-point operations of a forward and a backward pass through both twins."""
        return 12.0 * self.weights() * self.batch
