"""Transformers with random weights, and texts, for tests."""

import torch
from torch import Tensor

from engine.transformer import Architecture, Transformer


def drawn(architecture: Architecture, dtype: torch.dtype = torch.float64) -> Transformer:
    """A transformer with random weights of a size at which every part matters."""
    model = Transformer(architecture).to(dtype)
    generator = torch.Generator().manual_seed(5)
    for weight in model.parameters():
        weight.data = torch.randn(weight.shape, generator=generator, dtype=dtype) / max(weight.shape[-1], 4) ** 0.5
    return model


def tokens(count: int, rows: int = 3, words: int = 11, first: int = 1) -> Tensor:
    return torch.randint(first, words, (rows, count), generator=torch.Generator().manual_seed(count))
