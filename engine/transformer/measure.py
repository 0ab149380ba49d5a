"""How good a trained model is on texts that it has not seen, and what its heads look at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from engine.transformer.answers import answers, examined
from engine.transformer.heads import describe_heads, induction_score
from engine.transformer.model import Model
from engine.transformer.scores import (
    Calibration,
    LengthScores,
    by_length,
    calibration,
    cross_entropy,
    error_rate,
    exact,
    standard_error,
)
from engine.transformer.tasks import Example, Task
from engine.transformer.tasks.induction import PERIOD
from engine.transformer.tasks.task import IGNORED
from engine.transformer.tasks.vocabulary import PAD
from engine.transformer.trace import trace

TRACED = 64
"""The number of texts over which heads are described."""


@dataclass(frozen=True)
class Measures:
    """The measures of a model over held-out texts.

    count: the number of texts. loss: cross-entropy per token, in nats.
    right: the share of right answers; of right tokens for a task without sources. error: its binomial standard error.
    error_rate: the mean over answers of their edit distance to the nearest right one, over its length.
    lengths: the share of right answers by the number of tokens that were read. calibration: of the next token.
    heads: one row for each head of each self-attention of the text, over the longest texts, see ``describe_heads``. For
        induction, the column "score" is the induction score.
    """

    count: int
    loss: float
    right: float
    error: float
    error_rate: float
    lengths: LengthScores
    calibration: Calibration
    heads: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row: the numbers that are not tables."""
        return pd.DataFrame(
            {
                "count": [self.count], "loss": self.loss, "right": self.right, "error": self.error,
                "error_rate": self.error_rate, "calibration_error": self.calibration.expected_error,
            }
        )  # fmt: skip


def measure(model: Model, task: Task, examples: Sequence[Example]) -> Measures:
    """Measure ``model`` on held-out ``examples`` of ``task``. Raises ValueError if there are none."""
    if not examples:
        raise ValueError("a model is measured on one text or more")
    batch = examined(task, examples)
    with torch.no_grad():
        logits = model(batch[0], *batch[2:])
    written = written_for(model, task, examples, logits, batch[1])
    rates = [error_rate(found, each.answers) for found, each in zip(written, examples, strict=True)]
    hits = [exact(found, each.answers) for found, each in zip(written, examples, strict=True)]
    marks = np.array(hits, dtype=float)
    if task.sources is None:
        marks = np.asarray((logits.argmax(-1) == batch[1])[batch[1] != IGNORED], dtype=float)
    return Measures(
        len(examples),
        cross_entropy(logits, batch[1]).mean,
        float(marks.mean()),
        float(standard_error(marks.mean(), np.array(len(marks)))),
        sum(rates) / len(rates),
        by_length([len(each.text) for each in examples], hits),
        calibration(logits, batch[1]),
        heads_of(model, task, [part[:TRACED] for part in (batch[0], *batch[2:])]),
    )


def written_for(
    model: Model, task: Task, examples: Sequence[Example], logits: torch.Tensor, labels: torch.Tensor
) -> list[list[str]]:
    """The answers of ``model``. For a task without sources: the likeliest token at each place that counts."""
    if task.sources is not None:
        return answers(model, task, [task.sources.encode(task.plain(each.text)) for each in examples])
    counts = labels != IGNORED
    return [
        [task.targets.names[token] for token in row[counted].tolist()]
        for row, counted in zip(logits.argmax(-1), counts, strict=True)
    ]


def heads_of(model: Model, task: Task, read: Sequence[torch.Tensor]) -> pd.DataFrame:
    """What each head of the text's own attentions looks at. read: the tokens [N, T], and the source if there is one."""
    whole = torch.ones(len(read[0]), dtype=torch.bool) if task.sources is None else (read[0] != PAD).all(1)
    tokens = read[0][whole]  # the longest texts: what fills up the others is not described
    seen = trace(model, tokens, read[1][whole] if len(read) > 1 else None)
    frames = []
    for name, found in seen.attentions.items():
        if name.startswith("stack") and name.endswith("attention"):
            table = describe_heads(found.weights, tokens, found.masked > -torch.inf)
            table.insert(0, "attention", name)
            if task.sources is None:
                table["score"] = induction_score(found.weights, tokens, PERIOD).numpy()
            frames.append(table)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
