"""A stack of transformer blocks in which each part can be switched off.

A block computes x + attention(LN(x)), then x + MLP(LN(x)), as in Vaswani et al. 2017, https://arxiv.org/abs/1706.03762,
but with LayerNorm before the branch as in GPT-2. The original has LayerNorm after the sum.
https://arxiv.org/abs/2002.04745 compares the two. The projections are the attention's output matrix and the MLP's
second matrix. They belong to the branches; a shortcut has no weights.
"""

from functools import partial

import torch
from torch import Tensor, nn

from engine.nn import Attention, Residual
from engine.transformer.spec import WIDEN, BlockSpec


def stack(spec: BlockSpec) -> tuple[list[Residual], list[dict[str, Tensor]], nn.Module]:
    """Build the sub-layers in order, each block's weights by part, and the norm after the last sub-layer.

    A block has two sub-layers, its attention and its MLP. The last norm is the identity unless LayerNorm comes before
    the branches.
    """
    generator = torch.Generator().manual_seed(spec.seed)
    sublayers: list[Residual] = []
    weights: list[dict[str, Tensor]] = []
    for _ in range(spec.blocks):
        attention = Attention(spec.model_width, spec.heads, projection=spec.attention_projection)
        mlp = feed_forward(spec)
        names = {
            "query": attention.query, "key": attention.key, "value": attention.value,
            "attention_projection": attention.projection, "mlp": mlp[0], "mlp_projection": mlp[-1],
        }  # fmt: skip
        weights.append({name: module.weight for name, module in names.items() if isinstance(module, nn.Linear)})
        for weight in weights[-1].values():
            weight.data.normal_(0, weight.shape[1] ** -0.5, generator=generator)
        sublayers.append(sublayer(spec, attention, spec.attention_shortcut))
        sublayers.append(sublayer(spec, mlp, spec.mlp_shortcut))
    return sublayers, weights, nn.LayerNorm(spec.model_width) if spec.layer_norm == "pre" else nn.Identity()


def feed_forward(spec: BlockSpec) -> nn.Sequential:
    """Build the MLP: two layers with a GELU between them, or, without its projection, one layer and then a GELU."""
    inner = WIDEN * spec.model_width if spec.mlp_projection else spec.model_width
    layers: list[nn.Module] = [nn.Linear(spec.model_width, inner, bias=False), nn.GELU(approximate="tanh")]
    return nn.Sequential(*layers, *([nn.Linear(inner, spec.model_width, bias=False)] if spec.mlp_projection else []))


def sublayer(spec: BlockSpec, module: nn.Module, shortcut: bool) -> Residual:
    """Build a sub-layer: ``module`` as the branch, with the LayerNorm of ``spec``, and a shortcut if ``shortcut``."""
    norm = partial(nn.LayerNorm, spec.model_width)
    branch = nn.Sequential(norm(), module) if spec.layer_norm == "pre" else nn.Sequential(module)
    return Residual(branch, nn.Identity() if shortcut else None, after=norm() if spec.layer_norm == "post" else None)
