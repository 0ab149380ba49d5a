"""The settings of a stack of transformer blocks."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.fields import Choice
from engine.signals.spec import MOST_WORK
from engine.spec import Spec

WIDEN = 4
"""The number of hidden units of an MLP with a projection, as a multiple of the width."""

BATCH = 16
"""The number of sequences in a batch."""


LAYER_NORMS = {"pre": "Before branches", "post": "After sums", "none": "None"}


class BlockSpec(Spec):
    """A stack of transformer blocks on random tokens, each token with a random label."""

    blocks: int = Field(
        8, ge=1, le=24, title="Blocks", description="Blocks in the stack",
        json_schema_extra={"unit": "blocks", "draw": "slider"},
    )  # fmt: skip
    model_width: int = Field(
        64, ge=8, le=256, title="Width", description="Units per token", json_schema_extra={"unit": "units"}
    )
    heads: int = Field(
        4, ge=1, le=16, title="Heads", description="Heads per attention; their number must divide the width"
    )
    tokens: int = Field(16, ge=2, le=64, title="Tokens", description="Tokens per sequence")
    layer_norm: Annotated[str, Choice(LAYER_NORMS, "place of LayerNorm")] = Field(
        "pre",
        title="LayerNorm",
        description="Before each branch, after each sum, or none",
        json_schema_extra={"draw": "segmented"},
    )  # fmt: skip
    attention_shortcut: bool = Field(True, title="Shortcut over the attention", description="x + attention")
    mlp_shortcut: bool = Field(True, title="Shortcut over the MLP", description="x + MLP")
    attention_projection: bool = Field(
        True, title="Projection after the attention", description="One more matrix on the branch; it mixes the heads"
    )
    mlp_projection: bool = Field(
        True,
        title="Projection after the MLP",
        description="A second matrix, from four times the width back to the width. Without it the MLP is one layer",
    )
    seed: int = Field(123, ge=0, le=999_999, title="Seed", description="Fixes the weights, tokens and labels")

    @model_validator(mode="after")
    def is_possible(self) -> Self:
        if self.model_width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {self.model_width}")
        if (work := self.block_work()) > MOST_WORK:
            raise ValueError(
                f"the blocks take {work:.2g} operations, but at most {MOST_WORK:.2g} are allowed; choose fewer blocks "
                "or tokens, or less width"
            )
        return self

    def block_weights(self) -> int:
        """The number of weights of all blocks with nothing switched off."""
        return self.blocks * (4 + 2 * WIDEN) * self.model_width**2

    def block_work(self) -> float:
        """The approximate number of floating-point operations of a forward and a backward pass."""
        scores = 2 * self.tokens * self.model_width
        return 6.0 * BATCH * self.tokens * (self.block_weights() + self.blocks * scores)
