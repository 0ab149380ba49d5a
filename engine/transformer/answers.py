"""What a model answers: the likeliest next token, again and again."""

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.training.failure import Batch
from engine.transformer.model import Model
from engine.transformer.tasks.task import IGNORED, Example, Task, filled, loss, pairs
from engine.transformer.tasks.vocabulary import END, PAD, START

TOGETHER = 512
"""The number of texts that are answered at a time."""


@torch.no_grad()
def answers(model: Model, task: Task, sources: Sequence[Sequence[int]]) -> list[list[str]]:
    """What ``model`` writes for each of the ``sources``, tokens without ends. Each token is the likeliest one."""
    found: list[list[str]] = []
    for start in range(0, len(sources), TOGETHER):
        part = filled(sources[start : start + TOGETHER], PAD)
        memory = model.read(part)
        tokens = torch.full((len(part), 1), START)
        for _ in range(task.longest[1] + 1):
            following = model.write(tokens, *memory)[:, -1].argmax(1)
            following[(tokens == END).any(1)] = END
            tokens = torch.cat([tokens, following[:, None]], 1)
            if (following == END).all():
                break
        found += [task.targets.decode(row[1:]) for row in tokens.tolist()]
    return found


def examined(task: Task, examples: Sequence[Example]) -> Batch:
    """The batch of held-out ``examples``, with the first of their right answers."""
    if task.sources is None:
        texts = [[*task.targets.encode(each.text), *task.targets.encode(each.answers[0])] for each in examples]
        tokens = torch.tensor([[0, *text] for text in texts])
        labels = tokens[:, 1:].clone()
        labels[:, : len(examples[0].text)] = IGNORED  # only the repeated half can be known
        return tokens[:, :-1], labels
    return pairs(
        [task.sources.encode(task.plain(each.text)) for each in examples],
        [task.targets.encode(each.answers[0]) for each in examples],
    )


@torch.no_grad()
def examine(model: Model, task: Task, examples: Sequence[Example]) -> tuple[float, float]:
    """The mean cross-entropy per token that counts, and the share of answers that are right.

    An answer is right if it is one of those listed, whole. For a task without sources it is the share of tokens.
    """
    batch = examined(task, examples)
    value = loss(model, *batch).item()
    if task.sources is None:
        counts = batch[1] != IGNORED
        right: Tensor = (model(batch[0]).argmax(-1) == batch[1])[counts]
        return value, float(right.double().mean())
    written = answers(model, task, [task.sources.encode(task.plain(each.text)) for each in examples])
    return value, sum(tuple(own) in each.answers for own, each in zip(written, examples, strict=True)) / len(examples)
