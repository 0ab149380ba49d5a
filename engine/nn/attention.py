"""Multi-head attention, written out so that each number on the way can be read, and changed by a hook.

Vaswani et al. 2017, Attention is all you need, https://arxiv.org/abs/1706.03762, sections 3.2.1 and 3.2.2.

N is the number of sequences, T the number of tokens that look, S the number of tokens that are looked at, and d the
width of a head.
"""

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """Divide scores by sqrt(d), so that they have the variance 1 if queries and keys have."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.factor: float = width**-0.5

    def forward(self, scores: Tensor) -> Tensor:
        return scores * self.factor


class Mask(nn.Module):
    """Set the scores [N, heads, T, S] of the pairs that may not look at each other to -inf.

    causal: a token does not see later tokens. padding: [N, S], true for tokens that only fill up a sequence.
    """

    def __init__(self, causal: bool) -> None:
        super().__init__()
        self.causal = causal

    def forward(self, scores: Tensor, padding: Tensor | None = None) -> Tensor:
        if self.causal:
            later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        return scores if padding is None else scores.masked_fill(padding[:, None, None, :], -torch.inf)


class Softmax(nn.Module):
    """Weights [..., S] from scores [..., S]: positive, with the sum 1. If all scores are masked, all weights are 0."""

    def forward(self, scores: Tensor) -> Tensor:
        blind = scores.detach().amax(-1, keepdim=True) == -torch.inf
        if not blind.any():
            return scores.softmax(-1)
        return scores.masked_fill(blind, 0.0).softmax(-1).masked_fill(blind, 0.0)


class Rotary(nn.Module):
    """Turn each pair of units (i, i + d / 2) of the token at t by the angle t / 10000^(2 i / d): [..., T, d] -> same.

    The product of a turned query and a turned key depends on their distance only. Su et al. 2021,
    https://arxiv.org/abs/2104.09864. The pairs are those of GPT-NeoX.
    """

    def forward(self, rows: Tensor) -> Tensor:
        half = rows.shape[-1] // 2
        places = torch.arange(rows.shape[-2], dtype=rows.dtype, device=rows.device)
        rates = 10_000 ** (-torch.arange(half, dtype=rows.dtype, device=rows.device) / half)
        angles = places[:, None] * rates  # [T, d / 2]
        first, second = rows[..., :half], rows[..., half:]
        cos, sin = angles.cos(), angles.sin()
        return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)


class Attention(nn.Module):
    """Attention with ``heads`` heads: tokens [N, T, width], and a memory [N, S, width], -> [N, T, width].

    Without a memory, the tokens attend to one another. causal: a token attends only to itself and to the tokens before
    it. projection: one more matrix mixes the heads' outputs; without it the outputs are only joined. bias: whether the
    matrices have biases. rotary: queries and keys are turned, see ``Rotary``.
    Raises ValueError if ``heads`` does not divide ``width``, or if ``rotary`` heads have an odd width.

    The modules q, k, v, scale, mask, softmax and z have no weights. A hook there sees, and may replace, the heads'
    queries, keys and values, the scaled scores, the masked scores, the weights, and the heads' outputs.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        causal: bool = True,
        projection: bool = True,
        bias: bool = False,
        rotary: bool = False,
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{heads} heads do not divide {width} units")
        if rotary and width // heads % 2:
            raise ValueError(f"rotary positions need heads of an even width, but {width // heads} is odd")
        self.heads = heads
        self.query = nn.Linear(width, width, bias=bias)
        self.key = nn.Linear(width, width, bias=bias)
        self.value = nn.Linear(width, width, bias=bias)
        self.projection = nn.Linear(width, width, bias=bias) if projection else nn.Identity()
        turn = Rotary if rotary else nn.Identity
        self.q, self.k, self.v, self.z = turn(), turn(), nn.Identity(), nn.Identity()
        self.scale, self.mask, self.softmax = Scale(width // heads), Mask(causal), Softmax()

    def forward(self, tokens: Tensor, memory: Tensor | None = None, padding: Tensor | None = None) -> Tensor:
        memory = tokens if memory is None else memory
        weights = self.weights(tokens, memory, padding)  # [N, heads, T, S]
        v = self.v(self._split(self.value(memory)))  # [N, heads, S, d]
        z = self.z(weights @ v)  # [N, heads, T, d]
        joined: Tensor = self.projection(z.transpose(1, 2).flatten(2))  # [N, T, width]
        return joined

    def weights(self, tokens: Tensor, memory: Tensor | None = None, padding: Tensor | None = None) -> Tensor:
        """How much each token attends to each token, [N, heads, T, S]. padding: see ``Mask``."""
        q = self.q(self._split(self.query(tokens)))  # [N, heads, T, d]
        k = self.k(self._split(self.key(tokens if memory is None else memory)))  # [N, heads, S, d]
        weights: Tensor = self.softmax(self.mask(self.scale(q @ k.transpose(-1, -2)), padding))
        return weights

    def contributions(self, z: Tensor) -> Tensor:
        """What each head adds to the output, without the bias: its z [N, heads, T, d] -> [N, heads, T, width]."""
        if not isinstance(self.projection, nn.Linear):
            raise ValueError("the heads' outputs are only joined, so no head adds to all units")
        own = self.projection.weight.unflatten(1, (self.heads, -1))  # [width, heads, d]
        return torch.einsum("nhtd,whd->nhtw", z, own)

    def _split(self, tokens: Tensor) -> Tensor:
        """[N, T, width] -> [N, heads, T, width / heads]."""
        return tokens.reshape(*tokens.shape[:-1], self.heads, -1).transpose(1, 2)
