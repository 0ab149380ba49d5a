"""Repeated random tokens: a text that can be continued only by finding what came after the same token before.

Olsson et al. 2022, In-context learning and induction heads, https://arxiv.org/abs/2209.11895.
"""

import string

import torch
from torch import Tensor

from engine.training.failure import Batch
from engine.transformer.tasks.task import Example, Task
from engine.transformer.tasks.vocabulary import Vocabulary

TOKENS = Vocabulary("tokens", tuple(string.ascii_letters + string.digits + "+-"), ("⟨start⟩",))
LENGTH = 64
"""Tokens of a text, without the start."""

SHORTEST, PERIOD = 4, 32
"""The fewest and the most tokens after which a text repeats. A held-out text has the most: it is two equal halves."""

APART = 1_000_003
"""Keeps the generators of held-out texts and of batches apart."""


def repeated(period: int, generator: torch.Generator) -> Tensor:
    """The start and a text of ``LENGTH`` tokens: a segment without repeated tokens, again and again, [LENGTH + 1]."""
    segment = torch.randperm(len(TOKENS.symbols), generator=generator)[:period] + 1
    text = segment.repeat(LENGTH // period + 1)[:LENGTH]
    return torch.cat([torch.zeros(1, dtype=torch.long), text])


def batch(size: int, seed: int, step: int) -> Batch:
    """Texts with random periods, each predicting its next token, also where it cannot be known."""
    generator = torch.Generator().manual_seed(seed * 100_003 + step)
    periods = torch.randint(SHORTEST, PERIOD + 1, (size,), generator=generator).tolist()
    texts = torch.stack([repeated(period, generator) for period in periods])
    return texts[:, :-1], texts[:, 1:]


def held_out(count: int) -> list[Example]:
    """Texts of two equal halves: the first half, the second is the answer."""
    generator = torch.Generator().manual_seed(APART)
    found = []
    for _ in range(count):
        half = TOKENS.decode(repeated(PERIOD, generator)[1 : PERIOD + 1].tolist())
        found.append(Example("".join(half), (tuple(half),)))
    return found


INDUCTION = Task(
    "Induction",
    "Continue a text of random letters that repeats itself. Only the earlier copy says what comes next.",
    None,
    TOKENS,
    (LENGTH, LENGTH),
    batch,
    held_out,
    ("Gradient-LbGradient-Lb", "abcdabcdabcd", "Lookahead"),
    str.strip,
)
