"""Multi-head self-attention, written out so that its scores and weights can be read.

Vaswani et al. 2017, Attention is all you need, https://arxiv.org/abs/1706.03762, sections 3.2.1 and 3.2.2.
"""

import math

import torch
from torch import Tensor, nn


class Attention(nn.Module):
    """Self-attention with ``heads`` heads: tokens [N, T, width] -> [N, T, width].

    causal: a token attends only to itself and to the tokens before it. projection: one more matrix mixes the heads'
    outputs; without it the outputs are only joined. Raises ValueError if ``heads`` does not divide ``width``.
    """

    def __init__(self, width: int, heads: int, causal: bool = True, projection: bool = True) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{heads} heads do not divide {width} units")
        self.heads, self.causal = heads, causal
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.projection = nn.Linear(width, width, bias=False) if projection else nn.Identity()

    def forward(self, tokens: Tensor) -> Tensor:
        mixed = self.weights(tokens) @ self._split(self.value(tokens))
        joined: Tensor = self.projection(mixed.transpose(1, 2).flatten(2))
        return joined

    def scores(self, tokens: Tensor) -> Tensor:
        """q k / sqrt(d) of each pair of tokens, [N, heads, T, T]; -inf for pairs that are masked."""
        query, key = self._split(self.query(tokens)), self._split(self.key(tokens))
        scores: Tensor = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        if self.causal:
            later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        return scores

    def weights(self, tokens: Tensor) -> Tensor:
        """How much each token attends to each token, [N, heads, T, T]. Each row sums to 1."""
        return self.scores(tokens).softmax(-1)

    def _split(self, tokens: Tensor) -> Tensor:
        """[N, T, width] -> [N, heads, T, width / heads]."""
        return tokens.reshape(*tokens.shape[:-1], self.heads, -1).transpose(1, 2)
