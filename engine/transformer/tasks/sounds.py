"""Words to sounds: how an English word is said, from its spelling. A word may be said in several ways."""

import random
from functools import cache, lru_cache

import torch

from engine.data.cmudict import MOST, load_words
from engine.training.failure import Batch
from engine.transformer.tasks.task import Example, Task, pairs
from engine.transformer.tasks.vocabulary import Vocabulary

LETTERS = Vocabulary("letters", tuple("abcdefghijklmnopqrstuvwxyz"))
PHONEMES = Vocabulary(
    "phonemes",
    (
        "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY",
        "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z",
        "ZH",
    ),
)  # fmt: skip
LONGEST = 17
"""The most phonemes of a word in the dictionary."""

HELD_OUT = 5_000

TRIES = ("knight", "though", "tough", "psychology", "momentum", "read")


@cache
def words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of batches, in the order of their lengths, and the held-out ones. Raises DataUnavailable."""
    known = list(load_words())
    order = torch.randperm(len(known), generator=torch.Generator().manual_seed(0)).tolist()
    held = tuple(known[place] for place in order[:HELD_OUT])
    return tuple(sorted((known[place] for place in order[HELD_OUT:]), key=len)), held


@cache
def tokens() -> dict[str, tuple[list[int], list[list[int]]]]:
    """A word -> its letters and its pronunciations, as tokens."""
    return {word: (LETTERS.encode(word), [PHONEMES.encode(way) for way in said]) for word, said in load_words().items()}


@lru_cache(maxsize=2)
def epoch(size: int, seed: int, number: int) -> list[list[str]]:
    """The batches of one pass over all words, in random order. The words of a batch have about the same length.

    ``words`` of one length stand together. Shuffled with a key that keeps lengths in order, they are cut into batches.
    """
    draw = random.Random(seed * 1_000_003 + number)
    mixed = sorted(words()[0], key=lambda word: (len(word), draw.random()))
    batches = [mixed[start : start + size] for start in range(0, len(mixed), size)]
    draw.shuffle(batches)
    return batches


def batch(size: int, seed: int, step: int) -> Batch:
    """Words of about the same length, each with one of its pronunciations drawn at random."""
    count = -(-len(words()[0]) // size)
    chosen = epoch(size, seed, step // count)[step % count]
    draw = random.Random(seed * 100_003 + step)
    found = [tokens()[word] for word in chosen]
    return pairs([letters for letters, _ in found], [draw.choice(ways) for _, ways in found])


def held_out(count: int) -> list[Example]:
    return [Example(word, load_words()[word]) for word in words()[1][:count]]


SOUNDS = Task(
    "Words to sounds",
    "Write how an English word is said, in the phonemes of the CMU Pronouncing Dictionary, from its letters.",
    LETTERS,
    PHONEMES,
    (MOST, LONGEST),
    batch,
    held_out,
    TRIES,
)
