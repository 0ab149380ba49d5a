"""Letters that are copied, reversed or sorted."""

from collections.abc import Callable

import torch
from torch import Tensor

from engine.training.failure import Batch
from engine.transformer.tasks.task import Example, Task, pairs
from engine.transformer.tasks.vocabulary import Vocabulary

LETTERS = Vocabulary("letters", tuple("abcdefghij"))
FEWEST, MOST = 3, 12

HELD_OUT = 16
"""One text of this many is held out: the one whose checksum is divisible by it."""

TRIES = ("abc", "jihgfedcba", "aaabbbccc")

Rule = Callable[[list[int]], list[int]]


def texts_of(count: int, generator: torch.Generator, held: bool) -> list[list[int]]:
    """Random texts as tokens, all held out or none."""
    found: list[list[int]] = []
    while len(found) < count:
        lengths = torch.randint(FEWEST, MOST + 1, (count,), generator=generator).tolist()
        tokens = torch.randint(len(LETTERS.special), len(LETTERS), (count, MOST), generator=generator)
        found += [text for text in map(cut, tokens, lengths) if (checksum(text) % HELD_OUT == 0) == held]
    return found[:count]


def cut(tokens: Tensor, length: int) -> list[int]:
    """The first ``length`` tokens."""
    text: list[int] = tokens[:length].tolist()
    return text


def checksum(text: list[int]) -> int:
    """A number that depends on each token and its place."""
    return sum(place * token for place, token in enumerate(text, 1))


def task(label: str, about: str, rule: Rule) -> Task:
    """The task of writing ``rule`` of the letters that were read."""

    def batch(size: int, seed: int, step: int) -> Batch:
        texts = texts_of(size, torch.Generator().manual_seed(seed * 100_003 + step), held=False)
        return pairs(texts, [rule(text) for text in texts])

    def held_out(count: int) -> list[Example]:
        texts = texts_of(count, torch.Generator().manual_seed(0), held=True)
        return [Example("".join(LETTERS.decode(text)), (tuple(LETTERS.decode(rule(text))),)) for text in texts]

    return Task(label, about, LETTERS, LETTERS, (MOST, MOST), batch, held_out, TRIES)


COPY = task("Copy", "Write the letters that were read.", lambda text: text)
REVERSE = task("Reverse", "Write the letters that were read from the last to the first.", lambda text: text[::-1])
SORT = task("Sort", "Write the letters that were read in the order of the alphabet.", sorted)
