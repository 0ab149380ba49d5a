"""A trace against torch's own attention and transformer layers, and against the laws of transformers."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from engine.transformer import Architecture, trace
from engine.transformer.model import LayerNorm
from tests.engine.transformer.models import drawn, tokens

DECODER = Architecture(
    "decoder", targets=11, layers=2, width=16, heads=4, feed_forward=24, positions="learned", tokens=9
)
BOTH = replace(DECODER, kind="encoder_decoder", sources=7, pad=0, positions="sinusoidal", tokens=0, enlarged=True)


@pytest.mark.parametrize(("dtype", "within"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_weights_and_outputs_are_those_of_torchs_attention(dtype: torch.dtype, within: float, norm: LayerNorm) -> None:
    model = drawn(replace(BOTH, layer_norm=norm), dtype)
    seen = trace(model, tokens(5), tokens(6, words=7, first=0).sort(1, descending=True)[0])
    for name, found in seen.attentions.items():
        causal = name.startswith("stack") and name.endswith("attention")
        hidden = (
            torch.ones(found.raw.shape[-2:], dtype=torch.bool).triu(1) if causal else torch.zeros(1, dtype=torch.bool)
        )
        if not causal:
            assert seen.source is not None
            hidden = hidden | (seen.source == 0)[:, None, None, :]
        fused = nn.functional.scaled_dot_product_attention(found.q, found.k, found.v, attn_mask=~hidden)
        torch.testing.assert_close(found.z, fused, rtol=within, atol=within)
        torch.testing.assert_close(found.raw, found.q @ found.k.transpose(-1, -2), rtol=within, atol=within)
        torch.testing.assert_close(found.scaled * math.sqrt(4), found.raw, rtol=within, atol=within)
        torch.testing.assert_close(
            found.weights.sum(-1), torch.ones_like(found.weights[..., 0]), rtol=within, atol=within
        )
        joined = found.added.sum(1) + found.bias
        torch.testing.assert_close(joined, seen.added[name], rtol=within, atol=within)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_transformer_is_torchs_own(norm: LayerNorm) -> None:
    model: Any = drawn(replace(BOTH, layer_norm=norm))
    other = nn.Transformer(16, 4, 2, 2, 24, 0, batch_first=True, norm_first=norm == "pre", dtype=torch.float64).eval()
    own: Any
    layers: Any
    for own, layers in ((model.encoder, other.encoder.layers), (model.stack, other.decoder.layers)):
        for block, layer in zip(own.blocks, layers, strict=True):
            copied(block.attention.module, layer.self_attn)
            sublayers = [block.attention, block.mlp]
            if block.cross is not None:
                copied(block.cross.module, layer.multihead_attn)
                sublayers.insert(1, block.cross)
            layer.linear1.load_state_dict(block.mlp.module[0].state_dict())
            layer.linear2.load_state_dict(block.mlp.module[2].state_dict())
            for number, sublayer in enumerate(sublayers, 1):
                norms = sublayer.before if norm == "pre" else sublayer.after
                getattr(layer, f"norm{number}").load_state_dict(norms.state_dict())
    if norm == "pre":
        other.encoder.norm.load_state_dict(model.encoder.norm.state_dict())
        other.decoder.norm.load_state_dict(model.stack.norm.state_dict())
    else:
        other.encoder.norm = other.decoder.norm = None
    text, source = tokens(5), tokens(6, words=7)
    source[0, 4:] = 0
    seen = trace(model, text, source)
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    hidden = other(
        seen.embedded["encoder"], seen.embedded["stack"], tgt_mask=mask, tgt_is_causal=True,
        src_key_padding_mask=source == 0, memory_key_padding_mask=source == 0,
    )  # fmt: skip
    torch.testing.assert_close(seen.hidden["stack"], hidden.detach(), rtol=1e-12, atol=1e-12)


def copied(attention: Any, other: nn.MultiheadAttention) -> None:
    parts = (attention.query, attention.key, attention.value)
    other.in_proj_weight.data = torch.cat([part.weight for part in parts]).detach()
    other.in_proj_bias.data = torch.cat([part.bias for part in parts]).detach()
    other.out_proj.load_state_dict(attention.projection.state_dict())
