"""The gradients of the sub-layers of transformer blocks. Any part of the blocks can be switched off."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.nn.capture import capture
from engine.signals.spec import CLASSES
from engine.transformer.model import stack
from engine.transformer.spec import BATCH, BlockSpec

Array = NDArray[np.float64]

PARTS = {
    "query": "Query", "key": "Key", "value": "Value", "attention_projection": "Attention's projection",
    "mlp": "MLP, first", "mlp_projection": "MLP's projection",
}  # fmt: skip
"""The weights of a block and their labels, in the order in which the signal passes them."""


@dataclass(frozen=True)
class BlockFlow:
    """The gradients of each block's weights and of the stream x between sub-layers.

    loss: the mean cross-entropy.
    mean, norm: part -> mean |dL/dW| and ||dL/dW|| of each block, [blocks]. A part that is switched off is missing.
    signal, gradient: the root mean square over tokens of ||x|| and of ||dL/dx||, [2 blocks + 1]. L is the token's own
        loss. The first value is for the entrance. The others are for the stream after each attention and each MLP.
    """

    spec: BlockSpec
    loss: float
    mean: dict[str, Array]
    norm: dict[str, Array]
    signal: Array
    gradient: Array

    def table(self) -> pd.DataFrame:
        """One row for each block and part."""
        return pd.concat(
            [
                pd.DataFrame({"block": range(1, self.spec.blocks + 1), "part": part, "mean": self.mean[part],
                              "norm": self.norm[part]})
                for part in self.mean
            ],
            ignore_index=True,
        )  # fmt: skip


def intact(spec: BlockSpec) -> BlockSpec:
    """The settings of the same blocks with nothing switched off and each LayerNorm before its branch."""
    switches = ("attention_shortcut", "mlp_shortcut", "attention_projection", "mlp_projection")
    return spec.but(layer_norm="pre", **dict.fromkeys(switches, True))


def survival(flow: BlockFlow, whole: BlockFlow) -> pd.DataFrame:
    """Compare each part's gradient with its gradient in ``whole``. One row for each part; NaN if it is switched off.

    whole: the gradients of the same blocks with nothing switched off.
    Columns: name. first, last: ||dL/dW|| in the first and the last block of ``flow``. whole: ||dL/dW|| in the first
        block of ``whole``. left: first / whole.
    """
    rows = []
    for part, label in PARTS.items():
        norm = flow.norm.get(part, np.array([np.nan]))
        rows.append({
            "name": label, "first": norm[0], "last": norm[-1], "whole": whole.norm[part][0],
            "left": norm[0] / whole.norm[part][0],
        })  # fmt: skip
    return pd.DataFrame(rows)


def formulas(spec: BlockSpec) -> tuple[str, str]:
    """The formulas of the two sub-layers of a block, in LaTeX. Each shows how the sub-layer changes the stream x."""
    entering = r"\operatorname{LN}(x)" if spec.layer_norm == "pre" else "x"
    steps = []
    for name, shortcut in (("attention", spec.attention_shortcut), ("MLP", spec.mlp_shortcut)):
        total = rf"{'x + ' if shortcut else ''}\operatorname{{{name}}}({entering})"
        steps.append(
            rf"x \leftarrow \operatorname{{LN}}({total})" if spec.layer_norm == "post" else rf"x \leftarrow {total}"
        )
    return steps[0], steps[1]


def block_flow(spec: BlockSpec) -> BlockFlow:
    """Compute the gradients at the start of training. A token's label is predicted from this and all earlier tokens."""
    generator = torch.Generator().manual_seed(spec.seed + 1)
    sublayers, weights, last = stack(spec)
    entrance = torch.randn(BATCH, spec.tokens, spec.model_width, generator=generator).requires_grad_()
    labels = torch.randint(CLASSES, (BATCH * spec.tokens,), generator=generator)
    head = torch.randn(CLASSES, spec.model_width, generator=generator) / spec.model_width**0.5

    def loss() -> Tensor:
        logits = last(nn.Sequential(*sublayers)(entrance)) @ head.T
        return nn.functional.cross_entropy(logits.flatten(0, 1), labels)

    seen = capture({f"x_{number}": sublayer for number, sublayer in enumerate(sublayers, 1)}, loss)
    stream = {"x_0": entrance} | seen.outputs
    named = {f"{part} {number}": weight for number, block in enumerate(weights) for part, weight in block.items()}
    slopes = seen.gradients(stream | named)
    by_part = {part: [slopes[f"{part} {number}"] for number in range(spec.blocks)] for part in weights[0]}
    tokens = len(labels)
    return BlockFlow(
        spec,
        seen.loss.item(),
        {
            part: np.array([float(each.abs().mean(dtype=torch.float64)) for each in own])
            for part, own in by_part.items()
        },
        {part: np.array([float(each.double().norm()) for each in own]) for part, own in by_part.items()},
        np.array([float(rows.detach().double().norm()) / tokens**0.5 for rows in stream.values()]),
        np.array([float(slopes[name].double().norm()) * tokens**0.5 for name in stream]),
    )
