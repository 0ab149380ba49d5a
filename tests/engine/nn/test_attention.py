"""Attention and normalizations against torch's own modules and against their laws."""

import math

import pytest
import torch
from torch import nn

from engine.nn import NORMALIZATIONS, Attention


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randn(3, 7, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 2, 8])
def test_it_is_torchs_scaled_dot_product_attention(tokens: torch.Tensor, heads: int, causal: bool) -> None:
    layer = Attention(16, heads, causal)
    query, key, value = (
        part(tokens).unflatten(-1, (heads, -1)).transpose(1, 2) for part in (layer.query, layer.key, layer.value)
    )
    mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
    torch.testing.assert_close(layer(tokens), layer.projection(mixed.transpose(1, 2).reshape(3, 7, 16)))


def test_it_is_torchs_multi_head_attention(tokens: torch.Tensor) -> None:
    layer, other = Attention(16, 4, causal=False), nn.MultiheadAttention(16, 4, bias=False, batch_first=True)
    other.in_proj_weight.data = torch.cat([layer.query.weight, layer.key.weight, layer.value.weight]).detach()
    assert isinstance(layer.projection, nn.Linear)
    other.out_proj.weight.data = layer.projection.weight.detach()
    out, weights = other(tokens, tokens, tokens, average_attn_weights=False)
    torch.testing.assert_close(layer(tokens), out)
    torch.testing.assert_close(layer.weights(tokens), weights)


def test_its_rows_are_distributions_and_no_token_sees_a_later_one(tokens: torch.Tensor) -> None:
    weights = Attention(16, 4).weights(tokens)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4, 7))
    assert not weights.triu(1).any()
    entropy = -(weights.double() * weights.double().clamp(min=1e-300).log()).sum(-1)
    assert (entropy >= 0).all() and (entropy <= math.log(7) + 1e-9).all()


def test_without_a_projection_the_heads_are_joined_as_they_are(tokens: torch.Tensor) -> None:
    layer = Attention(16, 4, projection=False)
    joined = (layer.weights(tokens) @ layer.value(tokens).unflatten(-1, (4, 4)).transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(layer(tokens), joined.flatten(2))


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="3 heads do not divide 16 units"):
        Attention(16, 3)


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_a_normalization_sets_the_size_over_what_it_names(name: str) -> None:
    rows = 30 + 50 * torch.randn(64, 24, generator=torch.Generator().manual_seed(1))
    out = NORMALIZATIONS[name].build(24)(rows)
    over = {"layer": (out, 1), "rms": (out, 1), "batch": (out, 0), "group": (out.unflatten(1, (8, 3)), 2)}
    values, axis = over[name]
    torch.testing.assert_close(values.square().mean(axis), torch.ones_like(values.mean(axis)), rtol=1e-3, atol=0)
    if name != "rms":
        assert values.mean(axis).abs().max() < 1e-4
