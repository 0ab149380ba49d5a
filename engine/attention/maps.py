"""What all heads of a model look at, and one weight taken apart into the numbers that it is made of."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.attention.spec import HeadsSpec
from engine.nn import Attention
from engine.transformer.answers import answers
from engine.transformer.heads import HEAD_TYPES, MIXED, describe_heads
from engine.transformer.model import Model
from engine.transformer.tasks.vocabulary import START, Vocabulary
from engine.transformer.trace import AttentionTrace, trace

Array = NDArray[np.float64]

SIGNS = {"⟨start⟩": "▷", " ": "␣"}
"""How symbols are shown that have no shape of their own: the start of a text, and a space."""


@dataclass(frozen=True)
class Head:
    """One head. T tokens look at S tokens.

    part: who looks, a key of ``PARTS``. layer, head: counted from 1.
    weights: each token's attention, [T, S]; a row's sum is 1.
    weighed: the weights times the length of what the token looked at adds to the output, ||v W_O||, [T, S].
    kind: the type of the head on this text, such as "induction"; "" if tokens look at those of another text.
    why: a sentence with the share that decides the type.
    """

    part: str
    layer: int
    head: int
    weights: Array
    weighed: Array
    kind: str
    why: str

    @property
    def label(self) -> str:
        return f"Layer {self.layer}, head {self.head}"


@dataclass(frozen=True)
class WeightParts:
    """One weight of a head, taken apart. Token ``query`` looks at token ``key``; places are counted from 0.

    q, k: the two vectors, [d]. products: their products, unit by unit, [d]; the sum is ``raw``.
    scaled: raw / sqrt(d). hidden: whether the mask forbids this look; the weight is then 0.
    top: the largest score of the row that is not masked. exponential: exp(scaled - top), 0 if masked.
    total: the sum of the row's exponentials. weight: exponential / total.
    """

    query: int
    key: int
    q: Array
    k: Array
    products: Array
    raw: float
    scaled: float
    hidden: bool
    top: float
    exponential: float
    total: float
    weight: float


@dataclass(frozen=True)
class Heads:
    """A model's heads on one text.

    tokens: the symbols of the text, with its start. source: those of the source, empty without one.
    heads: all of the chosen part, layer by layer. chosen: the place of the chosen one. cell: its chosen weight.
    difference: the largest difference between the outputs of these heads and those of torch's own fused attention.
    """

    spec: HeadsSpec
    tokens: tuple[str, ...]
    source: tuple[str, ...]
    heads: tuple[Head, ...]
    chosen: int
    cell: WeightParts
    difference: float

    @property
    def head(self) -> Head:
        """The chosen head."""
        return self.heads[self.chosen]

    @property
    def rows(self) -> tuple[str, ...]:
        """The tokens that look."""
        return self.source if self.spec.part == "encoder" else self.tokens

    @property
    def columns(self) -> tuple[str, ...]:
        """The tokens that are looked at."""
        return self.tokens if self.spec.part == "stack" else self.source

    def finding(self) -> str:
        """One sentence on the chosen weight."""
        cell = self.cell
        return (
            f"{self.head.label}: the token “{self.rows[cell.query]}” at place {cell.query + 1} gives "
            f"{cell.weight:.1%} of its attention to “{self.columns[cell.key]}” at place {cell.key + 1}."
        )

    def table(self) -> pd.DataFrame:
        """One row for each head and pair of tokens, with its weight. Places are counted from 1."""
        frames = []
        for each in self.heads:
            query, key = np.indices(each.weights.shape).reshape(2, -1)
            frames.append(
                pd.DataFrame({
                    "layer": each.layer, "head": each.head, "query": query + 1,
                    "looks": np.array(self.rows)[query], "key": key + 1, "seen": np.array(self.columns)[key],
                    "weight": each.weights.ravel(), "weighed": each.weighed.ravel(),
                })
            )  # fmt: skip
        return pd.concat(frames, ignore_index=True)


def heads(spec: HeadsSpec) -> Heads:
    """Trace the model of ``spec`` on its text. A model that writes is shown with its own answer as the text."""
    task, model = spec.task(), spec.trained()
    read = task.read(spec.shown())
    if task.sources is None:
        source, tokens = None, torch.tensor([[0, *read]])
    else:
        (answer,) = answers(model, task, [read])
        source, tokens = torch.tensor([read]), torch.tensor([[START, *task.targets.encode(answer)]])
    seen = trace(model, tokens, source)
    found = {name: each for name, each in seen.attentions.items() if part_of(name) == spec.part}
    looking = source if spec.part == "encoder" else tokens
    assert looking is not None
    own = [one for name, each in found.items() for one in heads_of(name, each, reach_of(model, name, each), looking)]
    chosen = next(place for place, one in enumerate(own) if (one.layer, one.head) == (spec.layer, spec.head))
    layer = list(found.values())[spec.layer - 1]
    return Heads(
        spec,
        symbols(task.targets, tokens),
        () if source is None or task.sources is None else symbols(task.sources, source),
        tuple(own),
        chosen,
        cell_of(layer, spec.head - 1, spec.query, spec.key),
        max(apart(each) for each in found.values()),
    )


def symbols(vocabulary: Vocabulary, tokens: Tensor) -> tuple[str, ...]:
    """The symbols of the only text in ``tokens`` [1, T]. Those that could not be seen have a sign of their own."""
    names = (vocabulary.names[token] for token in tokens[0].tolist())
    return tuple(SIGNS.get(name, name) for name in names)


def part_of(name: str) -> str:
    """The part to which an attention of a trace belongs: "stack.0.cross" -> "cross"."""
    stack, _, kind = name.split(".")
    return "cross" if kind == "cross" else stack


def reach_of(model: Model, name: str, found: AttentionTrace) -> Array:
    """The length of what each looked-at token would add to the output of each head, ||v W_O||, [heads, S]."""
    attention = model.get_submodule(name.replace(".", ".blocks.", 1) + ".module")
    assert isinstance(attention, Attention)
    with torch.no_grad():
        return np.asarray(attention.contributions(found.v)[0].double().norm(dim=-1))


def heads_of(name: str, found: AttentionTrace, reach: Array, looking: Tensor) -> list[Head]:
    """The heads of one attention, on its only text. reach: see ``reach_of``. looking: the tokens that look, [1, T]."""
    part, layer = part_of(name), int(name.split(".")[1]) + 1
    types = None
    if part != "cross" and looking.shape[1] > 1:
        types = describe_heads(found.weights, looking, found.masked > -math.inf)
    result = []
    for place, weights in enumerate(np.asarray(found.weights[0].double())):
        kind, why = ("", "") if types is None else typed(types.iloc[place])
        result.append(Head(part, layer, place + 1, weights, weights * reach[place], kind, why))
    return result


def typed(shares: Any) -> tuple[str, str]:
    """The type of a head and why. shares: its row of ``describe_heads``."""
    kind = next((each for each in HEAD_TYPES if each.name == shares["type"]), None)
    if kind is None:
        most = max(
            (each for each in HEAD_TYPES if shares[each.name] == shares[each.name]), key=lambda each: shares[each.name]
        )
        return (
            MIXED,
            f"No pattern gets half of its attention; the most, {shares[most.name]:.0%}, goes to {most.attends}.",
        )
    return kind.name, f"On this text it gives {shares[kind.name]:.0%} of its attention to {kind.attends}."


def cell_of(found: AttentionTrace, head: int, query: int, key: int) -> WeightParts:
    """Take the weight of a pair of tokens apart. query, key: places counted from 1; see ``HeadsSpec`` for 0.

    Places beyond the text count as its last.
    """
    weights, masked = found.weights[0, head].double(), found.masked[0, head].double()
    row = min(query or len(weights), len(weights)) - 1
    column = min(key, weights.shape[1]) - 1 if key else int(weights[row].argmax())
    q, k = found.q[0, head, row].double(), found.k[0, head, column].double()
    top = float(masked[row].max())
    exponentials = (masked[row] - top).exp() if top > -math.inf else torch.zeros_like(masked[row])
    total = float(exponentials.sum())
    return WeightParts(
        row,
        column,
        np.asarray(q),
        np.asarray(k),
        np.asarray(q * k),
        float((q * k).sum()),
        float(found.scaled[0, head, row, column]),
        float(masked[row, column]) == -math.inf,
        top,
        float(exponentials[column]),
        total,
        float(exponentials[column]) / total if total else 0.0,
    )


def apart(found: AttentionTrace) -> float:
    """The largest difference between the heads' outputs and those of torch's fused attention."""
    seen = found.masked > -math.inf
    fused = torch.nn.functional.scaled_dot_product_attention(found.q, found.k, found.v, attn_mask=seen)
    return float((found.z - fused).abs().max())
