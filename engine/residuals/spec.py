"""The settings of a plain network and its residual twin, of their training, and of a stack of transformer blocks."""

import math
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from engine.fields import Real
from engine.nn import ACTIVATIONS, INITIALIZERS
from engine.spec import Spec

MOST_WORK = 4e10
"""Floating-point operations of one look at both twins: about two seconds on one core."""

MOST_WEIGHTS = 2e7
"""Of one twin's trunk: 80 MB, which both have, with as much for their gradients."""

MOST_PATHS = 1.2e10
"""The same of a look at all path lengths, whose cost grows with the square of the number of shortcuts."""

CLASSES = 10

MOST_TRAINING = 1e14
"""Floating-point operations of one training; a sweep up to the same depth takes at most four times as many."""

LOOKS = 40
"""Times in a training that the twins are looked into, the start and the end among them."""

PROBE = 64
"""Training samples, the same at each look, whose gradients are looked at."""

EVALUATED = 1_000
"""Training samples, the same at each look, over which a twin's loss is taken."""

SMALL = 128
"""Units up to which several threads would rather wait for one another."""

CALL, PACE = 1e-3, 3e10
"""Seconds that both twins' calls for a layer take in a step whatever its size, and operations in a second."""

DEPTHS = (1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 130, 200)
"""Where a sweep over depths stops on its way to the spec's own depth."""

WIDEN = 4
"""Hidden units of an MLP with a projection, in widths."""

BATCH = 16
"""Sequences at once."""


def known_activation(name: str) -> str:
    if name not in ACTIVATIONS:
        raise ValueError(f"no activation has this name; there are {', '.join(ACTIVATIONS)}")
    return name


def known_initializer(name: str) -> str:
    if name not in INITIALIZERS:
        raise ValueError(f"no initialization has this name; there are {', '.join(INITIALIZERS)}")
    return name


class TextbookSpec(Spec):
    """The textbook's example has no settings: layers, weights and input are those of the book."""


class ResidualSpec(Spec):
    """A plain and a residual network with the same weights, on the same batch.

    A trunk of ``depth`` weight layers stands between a linear stem and a linear head. Its layers form blocks, and
    blocks the spans of shortcuts; the plain twin is the same trunk without them. The loss is the cross-entropy of
    ``CLASSES`` random labels of normal inputs, which does not fade where the signal does.
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
    activation: Annotated[str, AfterValidator(known_activation)] = Field(
        "tanh", title="Activation", description="Between the weights"
    )
    initializer: Annotated[str, AfterValidator(known_initializer)] = Field(
        "torch", title="Initialization", description="What the trunk's weights are drawn from; biases are 0"
    )
    gain: Real = Field(1.0, ge=0, le=10, title="Weight scale", description="Multiplies every drawn weight of the trunk")
    order: Literal["after", "before"] = Field(
        "after", title="Activation stands", description="After each weight, as in the textbooks, or before it"
    )
    block: int = Field(
        1, ge=1, le=2, title="Layers in a block",
        description="Weights that a normalization serves and a shortcut spans at least",
        json_schema_extra={"unit": "layers"},
    )  # fmt: skip
    every: int = Field(
        1, ge=1, le=10, title="Shortcut every", description="Blocks that one shortcut spans",
        json_schema_extra={"unit": "blocks"},
    )  # fmt: skip
    norm: Literal["none", "pre", "post", "batch"] = Field(
        "none",
        title="Normalization",
        description="LayerNorm before each block, LayerNorm after each sum, or BatchNorm at every weight",
    )
    scale: Literal["one", "root", "depth", "zero", "own"] = Field(
        "one",
        title="Branch scale",
        description="What multiplies a branch: 1, 1/√L or 1/L for L shortcuts, a learned 0 as in ReZero, or your own",
    )
    own_scale: Real = Field(0.5, ge=-4, le=4, title="Own branch scale", description="What multiplies a branch")
    halvings: int = Field(
        0, ge=0, le=4, title="Halvings", description="How often the width is halved on the way, at equal distances"
    )
    projection: Literal["linear", "first", "none"] = Field(
        "linear",
        title="Where shapes differ",
        description="The shortcut is a linear map, the first units alone, or left out",
    )
    seed: int = Field(123, ge=0, le=999_999, title="Seed", description="Of weights, inputs and labels")

    @model_validator(mode="after")
    def is_affordable(self) -> Self:
        if self.width >> self.halvings < 1:
            raise ValueError(f"a width of {self.width} cannot be halved {self.halvings} times")
        if (weights := self.depth * self.width**2) > MOST_WEIGHTS:
            raise ValueError(f"the trunk has {weights:.2g} weights, at most {MOST_WEIGHTS:.2g}: less depth or width")
        if (work := self.work()) > MOST_WORK:
            raise ValueError(
                f"both twins take {work:.2g} operations, at most {MOST_WORK:.2g}: less depth, width or batch"
            )
        return self

    def spans(self) -> list[int]:
        """Weight layers of each span of a shortcut, first to last; the last may be shorter."""
        size = self.block * self.every
        whole, rest = divmod(self.depth, size)
        return [size] * whole + [rest] * (rest > 0)

    def branch_scale(self) -> float:
        """What multiplies each branch at the start."""
        count = len(self.spans())
        scales = {"one": 1.0, "root": 1 / math.sqrt(count), "depth": 1 / count, "zero": 0.0, "own": self.own_scale}
        return scales[self.scale]

    def work(self) -> float:
        """Floating-point operations of a forward and a backward pass through both twins, roughly."""
        return 12.0 * self.depth * self.width**2 * self.batch

    def path_work(self, samples: int) -> float:
        """The same of all path lengths of so many samples: every path goes through each branch before it once."""
        return 2.0 * self.depth * len(self.spans()) * self.width**2 * samples


class TrainingSpec(ResidualSpec):
    """A plain network and its residual twin, trained alike."""

    data: Literal["spirals", "mnist"] = Field(
        "spirals", title="Data", description="Three spirals of points in the plane, or 6,000 handwritten digits"
    )
    optimizer: Literal["sgd", "momentum", "adam"] = Field(
        "adam", title="Optimizer", description="Of both twins: gradient descent, with momentum 0.9, or Adam"
    )
    lr: Real = Field(
        1e-3, gt=0, le=10, title="Learning rate", description="Of both twins", json_schema_extra={"log": True}
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
        if (work := self.steps * self.work() + LOOKS * self.path_work(PROBE)) > MOST_TRAINING:
            raise ValueError(
                f"the training takes {work:.2g} operations, at most {MOST_TRAINING:.2g}: fewer steps or less depth"
            )
        return self

    def small(self) -> bool:
        """Whether one thread is enough."""
        return self.width <= SMALL

    def minutes(self, depths: tuple[int, ...] = ()) -> float:
        """How long the training, or a sweep over ``depths``, takes on two CPU cores, roughly."""
        layers = sum(depths or (self.depth,))
        return layers * self.steps * (CALL + 12.0 * self.width**2 * self.batch / PACE) / 60

    def depths(self) -> tuple[int, ...]:
        """Where a sweep stops."""
        return (*(depth for depth in DEPTHS if depth < self.depth), self.depth)


class BlockSpec(Spec):
    """A stack of transformer blocks on random tokens, each token with a random label."""

    blocks: int = Field(
        8, ge=1, le=24, title="Blocks", description="One after the other", json_schema_extra={"unit": "blocks"}
    )
    model_width: int = Field(
        64, ge=8, le=256, title="Width", description="Units of a token", json_schema_extra={"unit": "units"}
    )
    heads: int = Field(4, ge=1, le=16, title="Heads", description="Of each attention; they divide the width")
    tokens: int = Field(16, ge=2, le=64, title="Tokens", description="In each sequence")
    layer_norm: Literal["pre", "post", "none"] = Field(
        "pre", title="LayerNorm", description="Before each branch, after each sum, or none"
    )
    attention_shortcut: bool = Field(True, title="Shortcut over the attention", description="x + attention")
    mlp_shortcut: bool = Field(True, title="Shortcut over the MLP", description="x + MLP")
    attention_projection: bool = Field(
        True, title="Projection after the attention", description="One more matrix on the branch, which mixes the heads"
    )
    mlp_projection: bool = Field(
        True,
        title="Projection after the MLP",
        description="Back from four widths; without it the MLP is one layer and its activation",
    )
    seed: int = Field(123, ge=0, le=999_999, title="Seed", description="Of weights, tokens and labels")

    @model_validator(mode="after")
    def is_possible(self) -> Self:
        if self.model_width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {self.model_width}")
        if (work := self.block_work()) > MOST_WORK:
            raise ValueError(f"the blocks take {work:.2g} operations, at most {MOST_WORK:.2g}: less of any size")
        return self

    def block_work(self) -> float:
        """Floating-point operations of a forward and a backward pass, roughly."""
        weights = (4 + 2 * WIDEN) * self.model_width**2
        return 6.0 * BATCH * self.blocks * self.tokens * (weights + 2 * self.tokens * self.model_width)
