"""Transformers whose parts can be switched off and looked into: decoders, encoders, and encoders with decoders.

A block computes x + attention(LN(x)), then x + MLP(LN(x)), as in Vaswani et al. 2017, https://arxiv.org/abs/1706.03762,
but with LayerNorm before the branch as in GPT-2. The original has LayerNorm after the sum.
https://arxiv.org/abs/2002.04745 compares the two. If a decoder reads a source, its blocks have a third sub-layer
between these: attention to the encoder's output. The projections are the attention's output matrix and the MLP's second
matrix. They belong to the branches; a shortcut has no weights.

N is the number of sequences, T the number of tokens, S the number of tokens of the source.
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from engine.nn import ACTIVATIONS, Attention
from engine.transformer.spec import WIDEN, BlockSpec

LayerNorm = Literal["pre", "post", "none"]


class Sublayer(nn.Module):
    """x + module(LN(x)) with LayerNorm "pre", LN(x + module(x)) with "post": [N, T, width] -> [N, T, width].

    shortcut: whether x is added. More arguments of ``forward`` are passed on to ``module``.
    """

    def __init__(
        self,
        width: int,
        module: nn.Module,
        layer_norm: str = "pre",
        shortcut: bool = True,
        dropout: float = 0.0,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        norm = partial(nn.LayerNorm, width, eps)
        self.before: nn.Module = norm() if layer_norm == "pre" else nn.Identity()
        self.module, self.shortcut = module, shortcut
        self.dropout: nn.Module = nn.Dropout(dropout) if dropout else nn.Identity()
        self.after: nn.Module = norm() if layer_norm == "post" else nn.Identity()

    def forward(self, x: Tensor, *others: Tensor | None) -> Tensor:
        added = self.dropout(self.module(self.before(x), *others))
        out: Tensor = self.after(x + added if self.shortcut else added)
        return out


class Function(nn.Module):
    """An activation function of the registry, by its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, z: Tensor) -> Tensor:
        return ACTIVATIONS[self.name].f(z)


@dataclass(frozen=True)
class Architecture:
    """What a transformer is made of.

    kind: a decoder predicts the next token, an encoder says something on each token, and an encoder with a decoder
        predicts the next token of a text from a source.
    targets, sources: the numbers of tokens that exist for the text and for the source. tokens: the most that a sequence
        may have, without limit if 0. pad: the token that fills up a sequence, or None.
    layers, width, heads: blocks of each stack, units per token, heads per attention. feed_forward: the units within an
        MLP, 0 for blocks without one. activation: the MLP's, a name in ``ACTIVATIONS``.
    layer_norm: its place. positions: how a token's place is told. bias: whether matrices have biases.
    enlarged: embeddings are multiplied by sqrt(width). tied: the last matrix is the embedding's.
    segments: the number of parts of a text that are told apart, 0 for none. normalized: LayerNorm after the embedding.
    transform: one more layer before the logits, as in BERT. dropout: the share dropped in training. eps: LayerNorm's.
    predicts: whether a last matrix gives logits. Without it the model returns its hidden states.
    """

    kind: Literal["decoder", "encoder", "encoder_decoder"]
    targets: int
    layers: int
    width: int
    heads: int
    feed_forward: int = 0
    sources: int = 0
    tokens: int = 0
    pad: int | None = None
    activation: str = "relu"
    layer_norm: LayerNorm = "pre"
    positions: str = "sinusoidal"
    bias: bool = True
    enlarged: bool = False
    tied: bool = False
    segments: int = 0
    normalized: bool = False
    transform: bool = False
    dropout: float = 0.0
    eps: float = 1e-5
    predicts: bool = True


class Sinusoids(nn.Module):
    """PE(t, 2 i) = sin(t / 10000^(2 i / width)), PE(t, 2 i + 1) = cos of the same: places [T] -> float64 [T, width]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, places: Tensor) -> Tensor:
        evens = torch.arange(0, self.width, 2, dtype=torch.float64, device=places.device)
        rates = torch.exp(-math.log(10_000) / self.width * evens)
        angles = places[:, None] * rates  # [T, width / 2]
        return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, : self.width]


class Silent(nn.Module):
    """No positions: places [T] -> 0."""

    def forward(self, places: Tensor) -> Tensor:
        return torch.zeros((), device=places.device)


class Embedding(nn.Module):
    """A vector for each token, plus one for its place: tokens [N, T] -> [N, T, width]."""

    def __init__(self, of: Architecture, words: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words, of.width)
        self.factor = math.sqrt(of.width) if of.enlarged else 1.0
        self.places: nn.Module = Silent()
        if of.positions == "learned":
            self.places = nn.Embedding(of.tokens, of.width)
        elif of.positions == "sinusoidal":
            self.places = Sinusoids(of.width)
        self.segments = nn.Embedding(of.segments, of.width) if of.segments else None
        self.norm = nn.LayerNorm(of.width, of.eps) if of.normalized else nn.Identity()
        self.dropout = nn.Dropout(of.dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.words(tokens) * self.factor
        x = x + self.places(torch.arange(tokens.shape[1], device=tokens.device)).to(x.dtype)
        if self.segments is not None:
            x = x + self.segments.weight[0]  # all tokens belong to the first part of the text
        out: Tensor = self.dropout(self.norm(x))
        return out


class Block(nn.Module):
    """Attention, attention to a memory if there is one, and an MLP if there is one: [N, T, width] -> same."""

    def __init__(self, of: Architecture, causal: bool, reads: bool) -> None:
        super().__init__()
        attention = partial(Attention, of.width, of.heads, bias=of.bias)
        sublayer = partial(Sublayer, of.width, layer_norm=of.layer_norm, dropout=of.dropout, eps=of.eps)
        self.attention = sublayer(module=attention(causal=causal, rotary=of.positions == "rotary"))
        self.cross = sublayer(module=attention(causal=False)) if reads else None
        self.mlp = sublayer(module=mlp(of)) if of.feed_forward else None

    def forward(
        self, x: Tensor, padding: Tensor | None, memory: Tensor | None, memory_padding: Tensor | None
    ) -> Tensor:
        x = self.attention(x, None, padding)
        if self.cross is not None:
            x = self.cross(x, memory, memory_padding)
        return x if self.mlp is None else self.mlp(x)


def mlp(of: Architecture) -> nn.Sequential:
    """Build the MLP: two layers with an activation between them."""
    return nn.Sequential(
        nn.Linear(of.width, of.feed_forward, bias=of.bias),
        Function(of.activation),
        nn.Linear(of.feed_forward, of.width, bias=of.bias),
    )


class Stack(nn.Module):
    """Embedding, blocks and a last LayerNorm: tokens [N, T] -> hidden states [N, T, width].

    causal: tokens do not see later ones. reads: the blocks attend to a memory [N, S, width] too.
    """

    def __init__(self, of: Architecture, words: int, causal: bool, reads: bool = False) -> None:
        super().__init__()
        self.pad = of.pad
        self.embedding = Embedding(of, words)
        self.blocks = nn.ModuleList(Block(of, causal, reads) for _ in range(of.layers))
        self.norm = nn.LayerNorm(of.width, of.eps) if of.layer_norm == "pre" else nn.Identity()

    def forward(self, tokens: Tensor, memory: Tensor | None = None, memory_padding: Tensor | None = None) -> Tensor:
        x = self.embedding(tokens)
        padding = None if self.pad is None else tokens == self.pad
        for block in self.blocks:
            x = block(x, padding, memory, memory_padding)
        out: Tensor = self.norm(x)
        return out


class Model(nn.Module):
    """tokens [N, T], and for an encoder with a decoder also a source [N, S] -> logits [N, T, targets].

    encoder: a source [N, S] -> states [N, S, width], or None. stack: tokens, and these states with their padding ->
    hidden states [N, T, width]. transform, unembedding: hidden states -> logits.
    """

    architecture: Architecture
    encoder: nn.Module | None
    stack: nn.Module
    transform: nn.Module
    unembedding: nn.Module

    def forward(self, tokens: Tensor, source: Tensor | None = None) -> Tensor:
        return self.write(tokens, *self.read(source))

    def read(self, source: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """The encoder's states [N, S, width] and the padding [N, S] of the source; None without one."""
        if self.encoder is None or source is None:
            return None, None
        pad = self.architecture.pad
        return self.encoder(source), None if pad is None else source == pad

    def write(self, tokens: Tensor, memory: Tensor | None = None, padding: Tensor | None = None) -> Tensor:
        """The logits for ``tokens`` after what ``read`` returned."""
        logits: Tensor = self.unembedding(self.transform(self.stack(tokens, memory, padding)))
        return logits


class Transformer(Model):
    """A model of transformer blocks. One that does not predict returns its hidden states instead of logits."""

    encoder: Stack | None
    stack: Stack

    def __init__(self, of: Architecture) -> None:
        super().__init__()
        self.architecture = of
        both = of.kind == "encoder_decoder"
        self.encoder = Stack(of, of.sources, causal=False) if both else None
        self.stack = Stack(of, of.targets, causal=of.kind != "encoder", reads=both)
        self.transform = (
            nn.Sequential(nn.Linear(of.width, of.width), Function(of.activation), nn.LayerNorm(of.width, of.eps))
            if of.transform
            else nn.Identity()
        )
        unembedding = nn.Linear(of.width, of.targets, bias=of.transform) if of.predicts else None
        if unembedding is not None and of.tied:
            unembedding.weight = self.stack.embedding.words.weight
        self.unembedding = nn.Identity() if unembedding is None else unembedding


def stack(spec: BlockSpec) -> tuple[list[Sublayer], list[dict[str, Tensor]], nn.Module]:
    """Build the sub-layers in order, each block's weights by part, and the norm after the last sub-layer.

    A block has two sub-layers, its attention and its MLP. The last norm is the identity unless LayerNorm comes before
    the branches.
    """
    generator = torch.Generator().manual_seed(spec.seed)
    sublayers: list[Sublayer] = []
    weights: list[dict[str, Tensor]] = []
    for _ in range(spec.blocks):
        attention = Attention(spec.model_width, spec.heads, projection=spec.attention_projection)
        inner = feed_forward(spec)
        names = {
            "query": attention.query, "key": attention.key, "value": attention.value,
            "attention_projection": attention.projection, "mlp": inner[0], "mlp_projection": inner[-1],
        }  # fmt: skip
        weights.append({name: module.weight for name, module in names.items() if isinstance(module, nn.Linear)})
        for weight in weights[-1].values():
            weight.data.normal_(0, weight.shape[1] ** -0.5, generator=generator)
        sublayers.append(Sublayer(spec.model_width, attention, spec.layer_norm, spec.attention_shortcut))
        sublayers.append(Sublayer(spec.model_width, inner, spec.layer_norm, spec.mlp_shortcut))
    return sublayers, weights, nn.LayerNorm(spec.model_width) if spec.layer_norm == "pre" else nn.Identity()


def feed_forward(spec: BlockSpec) -> nn.Sequential:
    """Build the MLP: two layers with a GELU between them, or, without its projection, one layer and then a GELU."""
    inner = WIDEN * spec.model_width if spec.mlp_projection else spec.model_width
    layers: list[nn.Module] = [nn.Linear(spec.model_width, inner, bias=False), nn.GELU(approximate="tanh")]
    return nn.Sequential(*layers, *([nn.Linear(inner, spec.model_width, bias=False)] if spec.mlp_projection else []))
