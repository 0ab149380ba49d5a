"""What a task is: texts, their right answers, and batches to learn from."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from engine.training.failure import Batch
from engine.transformer.tasks.vocabulary import END, PAD, START, Vocabulary

IGNORED = -100
"""The label of a token that does not count for the loss, torch's own."""


@dataclass(frozen=True)
class Example:
    """A text of a held-out set. text: as a person types it. answers: the right ones, each a sequence of symbols."""

    text: str
    answers: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Task:
    """Something a small model can learn.

    label, about: its name, and a sentence on it. sources: what is read, None if the model only continues a text.
    targets: what is written. longest: the most tokens of a source and of a target, without the ends.
    batch: (size, seed, step) -> the tokens [N, T] that are read, the labels [N, T] that are predicted, and for pairs
        the source [N, S]. A batch depends on nothing else.
    held_out: (count) -> examples that no batch holds, the same at each call. Both may raise DataUnavailable.
    tries: texts that are worth trying. plain: a visitor's text -> the text in the form that the task reads.
    """

    label: str
    about: str
    sources: Vocabulary | None
    targets: Vocabulary
    longest: tuple[int, int]
    batch: Callable[[int, int, int], Batch]
    held_out: Callable[[int], list[Example]]
    tries: tuple[str, ...] = ()
    plain: Callable[[str], str] = field(default=lambda text: text.strip().lower())

    def read(self, text: str) -> list[int]:
        """The source's tokens of what a visitor typed, with the end. Raises ValueError with a sentence for visitors."""
        vocabulary = self.sources or self.targets
        symbols = self.plain(unicodedata.normalize("NFKC", text))
        if not symbols:
            raise ValueError("there is nothing to read; type something first")
        if len(symbols) > self.longest[0]:
            raise ValueError(
                f"this has {len(symbols)} {vocabulary.noun}, but the model reads at most {self.longest[0]}"
            )
        return vocabulary.encode(symbols)


def pairs(sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> Batch:
    """The batch of pairs: sources -> targets, both without ends. They are filled up to the longest."""
    inputs = filled([[START, *target] for target in targets], PAD)
    labels = filled([[*target, END] for target in targets], IGNORED)
    return inputs, labels, filled(sources, PAD)


def filled(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    """The rows as one tensor [N, longest]."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def loss(network: nn.Module, tokens: Tensor, labels: Tensor, *source: Tensor) -> Tensor:
    """The mean cross-entropy over all labels of a batch that count."""
    logits = network(tokens, *source)
    return nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)
