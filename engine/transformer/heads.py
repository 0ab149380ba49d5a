"""What heads attend to: their shares of attention on known patterns, their types and their entropy.

A type of head is a pattern, the set of pairs (t, s) where its token t attends to the token s. A head's share on the
pattern is the attention that a token gives to its pairs, averaged over the tokens that have one. TransformerLens
detects heads in this way, https://github.com/TransformerLensOrg/TransformerLens (``head_detector.py``).

N is the number of sequences, all of the same length T without filling. Attention is [N, heads, T, T], as in
``AttentionTrace.weights``, and computed with in float64.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd
import torch
from torch import Tensor

BAR = 0.5
"""A head has a type if its share is at least this, so if the pattern gets no less than all other tokens together."""

MIXED = "mixed"
"""The type of a head that reaches the bar for no type."""


@dataclass(frozen=True)
class HeadType:
    """One type of head.

    name: the name shown, and the column of tables. attends: what it attends to. source: (title, address) of who
    described it. share: attention [N, heads, T, T] and tokens [N, T] -> each head's share of attention, [heads], in
    float64; NaN if no token has what this type attends to.
    """

    name: str
    attends: str
    source: tuple[str, str]
    share: Callable[[Tensor, Tensor], Tensor]


def earlier_same(tokens: Tensor) -> Tensor:
    """Tokens [N, T] -> [N, T, T], true where s is before t and both are the same token."""
    return (tokens[:, :, None] == tokens[:, None, :]).tril(-1)


def after_earlier_same(tokens: Tensor) -> Tensor:
    """Tokens [N, T] -> [N, T, T], true where s - 1 is before t and both are the same token."""
    return torch.nn.functional.pad(earlier_same(tokens), (1, 0))[..., :-1]


def one_before(tokens: Tensor) -> Tensor:
    """Tokens [N, T] -> [N, T, T], true where s = t - 1."""
    places = torch.arange(tokens.shape[1], device=tokens.device)
    return (places == places[:, None] - 1).expand(len(tokens), -1, -1)


def start(tokens: Tensor) -> Tensor:
    """Tokens [N, T] -> [N, T, T], true where s = 0 and t is later."""
    places = torch.arange(tokens.shape[1], device=tokens.device)
    return ((places == 0) & (places[:, None] > 0)).expand(len(tokens), -1, -1)


def share_on(pattern: Callable[[Tensor], Tensor], attention: Tensor, tokens: Tensor) -> Tensor:
    """The attention that a token gives to its pairs in ``pattern``, averaged over the tokens that have one: [heads].

    pattern: tokens [N, T] -> [N, T, T], true for its pairs.
    """
    pairs = pattern(tokens)
    on = (attention.double() * pairs[:, None]).sum((0, 2, 3))
    return on / pairs.any(-1).sum()  # 0 / 0 is NaN


def at_distance(attention: Tensor) -> tuple[Tensor, Tensor]:
    """The fixed distance t - s that gets the most attention: its mean attention and the distance, each [heads].

    Distances up to T // 2 count, so that each mean is over many tokens: only the last token is at T - 1 from another.
    The first token does not count, because a causal head has no choice there. Negative: s is later than t.
    """
    rows, reach = attention.double()[:, :, 1:], attention.shape[-1] // 2
    distances = range(-reach, reach + 1)
    lines = [rows.diagonal(1 - distance, -2, -1) for distance in distances]  # each [N, heads, tokens]
    means = torch.stack([line.sum((0, 2)) / max(len(line) * line.shape[-1], 1) for line in lines])
    largest, places = means.max(0)
    return largest, places - reach


HEAD_TYPES = (
    HeadType(
        "induction",
        "the token after an earlier occurrence of the present token",
        ("Olsson et al. 2022, In-context learning and induction heads", "https://arxiv.org/abs/2209.11895"),
        partial(share_on, after_earlier_same),
    ),
    HeadType(
        "duplicate token",
        "an earlier occurrence of the present token",
        (
            "Wang et al. 2022, Interpretability in the wild: a circuit for indirect object identification",
            "https://arxiv.org/abs/2211.00593",
        ),
        partial(share_on, earlier_same),
    ),
    HeadType(
        "previous token",
        "the token before the present one",
        (
            "Elhage et al. 2021, A mathematical framework for transformer circuits",
            "https://transformer-circuits.pub/2021/framework/index.html",
        ),
        partial(share_on, one_before),
    ),
    HeadType(
        "first token",
        "the first token, whatever it is: a sink",
        (
            "Xiao et al. 2023, Efficient streaming language models with attention sinks",
            "https://arxiv.org/abs/2309.17453",
        ),
        partial(share_on, start),
    ),
    HeadType(
        "positional",
        "a token at a fixed distance",
        (
            "Voita et al. 2019, Analyzing multi-head self-attention: specialized heads do the heavy lifting",
            "https://arxiv.org/abs/1905.09418",
        ),
        lambda attention, _: at_distance(attention)[0],
    ),
)
"""The types, from the one that needs most to the one that needs least. A head has the first whose bar it reaches.

An induction head looks at the first token where nothing repeats, and a previous token head keeps a fixed distance. So
the special type comes first. If all sequences repeat after the same period, an induction head keeps a fixed distance as
well, and a positional head may count as an induction head. Sequences of several periods tell them apart.
"""


def describe_heads(attention: Tensor, tokens: Tensor, visible: Tensor | None = None) -> pd.DataFrame:
    """One row for each head, with its shares and its type.

    attention: [N, heads, T, T]. tokens: [N, T], at least two each. visible: see ``relative_entropy``.
    Columns: head. One for each of ``HEAD_TYPES``: its share, NaN if no token has what it attends to. distance: the
        distance of "positional". entropy: the relative entropy. type: the name of the first of ``HEAD_TYPES`` whose
        share is at least ``BAR``, or ``MIXED``.
    Raises ValueError if the shapes do not fit.
    """
    check_shapes(attention, tokens)
    table = pd.DataFrame({"head": range(attention.shape[1])})
    for kind in HEAD_TYPES:
        table[kind.name] = kind.share(attention, tokens).cpu().numpy()
    table["distance"] = at_distance(attention)[1].cpu().numpy()
    table["entropy"] = relative_entropy(attention, visible).cpu().numpy()
    names = [kind.name for kind in HEAD_TYPES]
    table["type"] = [
        next((name for name in names if shares[name] >= BAR), MIXED) for shares in table[names].to_dict("records")
    ]
    return table


def induction_score(attention: Tensor, tokens: Tensor, period: int) -> Tensor:
    """The mean weight on the token after the earlier occurrence of the present token, for text that repeats: [heads].

    It is the mean of attention[t, t - period + 1] over the tokens t that equal the one at t - period, which is the
    repeated half of "A B C A B C". It is called prefix matching by Olsson et al. 2022, https://arxiv.org/abs/2209.11895.
    attention: [N, heads, T, T]. tokens: [N, T]. period: the number of tokens after which the text repeats.
    Raises ValueError if no token repeats after ``period``, or if the shapes do not fit.
    """
    check_shapes(attention, tokens)
    if not 1 <= period < tokens.shape[1]:
        raise ValueError(f"the period must be from 1 to {tokens.shape[1] - 1}, but it is {period}")
    repeated = tokens[:, period:] == tokens[:, :-period]  # [N, T - period]
    if not repeated.any():
        raise ValueError(f"no token repeats after {period} tokens")
    weights = attention.double().diagonal(1 - period, -2, -1)[..., -repeated.shape[1] :]  # [N, heads, T - period]
    return (weights * repeated[:, None]).sum((0, 2)) / repeated.sum()


def relative_entropy(attention: Tensor, visible: Tensor | None = None) -> Tensor:
    """How evenly each head spreads its attention: 0 on one token, 1 on all tokens alike. [heads], float64.

    It is the mean over tokens t of H(t) / ln n(t), with the entropy H(t) = -sum over s of w(t, s) ln w(t, s), as in
    Clark et al. 2019, https://arxiv.org/abs/1906.04341, and the number n(t) of tokens that t may see. Tokens that see
    fewer than two do not count. If there are no others, the result is NaN.

    attention: [N, heads, T, S]. visible: true where a token may look, to be broadcast with ``attention``; the scores
        ``AttentionTrace.masked`` are above -inf there. By default, where a weight is above 0.
    """
    weights = attention.double()
    visible = weights > 0 if visible is None else visible.expand_as(weights)
    largest = visible.sum(-1).double().log()  # [N, heads, T]
    chosen = largest > 0
    relative = torch.where(chosen, torch.special.entr(weights).sum(-1) / largest, 0.0)
    return relative.sum((0, 2)) / chosen.sum((0, 2))


def check_shapes(attention: Tensor, tokens: Tensor) -> None:
    """Raise ValueError if ``attention`` is not that of these tokens to one another."""
    if tokens.ndim != 2 or tokens.shape[1] < 2:
        raise ValueError("a head's pattern needs a text of two tokens or more")
    n, t = tokens.shape
    if attention.ndim != 4 or attention.shape[0] != n or attention.shape[2:] != (t, t):
        given = " x ".join(map(str, attention.shape))
        raise ValueError(f"attention must be {n} x heads x {t} x {t} for these tokens, but it is {given}")
