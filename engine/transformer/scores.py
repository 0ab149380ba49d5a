"""Measures of answers: edit distance, exact match, accuracy by length, cross-entropy and calibration.

An answer is a sequence of tokens, of their symbols or of letters. A question may have several right answers, such as
the pronunciations of a word. Cross-entropy is in nats.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from engine.transformer.tasks.task import IGNORED

Array = NDArray[np.float64]
Answer = Sequence[object]

BINS = 15
"""The number of bins in Guo et al. 2017."""


def edit_distance(found: Answer, listed: Answer) -> int:
    """The fewest insertions, deletions and replacements of one token that turn ``found`` into ``listed``.

    Levenshtein 1966, Binary codes capable of correcting deletions, insertions and reversals; the algorithm by rows is
    that of Wagner & Fischer 1974, https://doi.org/10.1145/321796.321811.
    """
    above = list(range(len(listed) + 1))  # the distances of the tokens so far to each beginning of ``listed``
    for row, token in enumerate(found, 1):
        current = [row]
        for column, other in enumerate(listed, 1):
            current.append(min(above[column] + 1, current[-1] + 1, above[column - 1] + (token != other)))
        above = current
    return above[-1]


def exact(found: Answer, listed: Collection[Answer]) -> bool:
    """Whether ``found`` is one of the ``listed`` answers."""
    return any(same(found, answer) for answer in listed)


def same(found: Answer, listed: Answer) -> bool:
    """Whether both have the same tokens, whatever kind of sequence they are."""
    return len(found) == len(listed) and all(one == other for one, other in zip(found, listed, strict=True))


def error_rate(found: Answer, listed: Collection[Answer]) -> float:
    """The edit distance to the nearest of the ``listed`` answers over the number of its tokens.

    It is 0 for a right answer, and above 1 for one that is much too long. Of answers that are equally near, the longest
    counts. For pronunciations this is the phoneme error rate.
    Raises ValueError if no answer is listed, or an empty one.
    """
    if not listed or not all(len(answer) for answer in listed):
        raise ValueError("an error rate needs at least one listed answer, and none of them empty")
    distance, shorter = min((edit_distance(found, answer), -len(answer)) for answer in listed)
    return distance / -shorter


@dataclass(frozen=True)
class LengthScores:
    """Accuracy by length. The lengths are in ascending order.

    length, count: a length and the number of questions that have it, [lengths]. accuracy: the share of right answers.
    error: its binomial standard error sqrt(p (1 - p) / count). It is 0 if all or none are right, even of few.
    """

    length: NDArray[np.int64]
    count: NDArray[np.int64]
    accuracy: Array
    error: Array

    def table(self) -> pd.DataFrame:
        """One row for each length."""
        return pd.DataFrame(vars(self))


def by_length(lengths: Sequence[int], right: Sequence[bool]) -> LengthScores:
    """Group answers by the length of the question. right: whether each is right.

    Raises ValueError if the two differ in number.
    """
    if len(lengths) != len(right):
        raise ValueError(f"there are {len(lengths)} lengths, but {len(right)} answers")
    each, places, count = np.unique(np.asarray(lengths, np.int64), return_inverse=True, return_counts=True)
    accuracy = np.bincount(places, np.asarray(right, float), len(each)) / count
    return LengthScores(each, count.astype(np.int64), accuracy, standard_error(accuracy, count))


def standard_error(share: Array | float, count: NDArray[np.integer]) -> Array:
    """The binomial standard error sqrt(p (1 - p) / n) of a share p of n."""
    return np.sqrt(share * (1 - share) / count)


@dataclass(frozen=True)
class TokenLosses:
    """The cross-entropy of each token.

    loss: -ln of the probability of the right token in nats, [N, T]; NaN where a token does not count.
    """

    loss: Array

    @property
    def mean(self) -> float:
        """The cross-entropy per token."""
        return float(np.nanmean(self.loss))

    def table(self) -> pd.DataFrame:
        """One row for each position that has a token, counted from 0.

        count: the number of tokens. loss: their mean. error: the standard error of the mean, NaN for one token.
        """
        long = pd.DataFrame({"position": np.indices(self.loss.shape)[1].ravel(), "loss": self.loss.ravel()})
        groups = long.dropna().groupby("position")["loss"]
        return groups.agg(count="count", loss="mean", error="sem").reset_index()


def cross_entropy(logits: Tensor, targets: Tensor, ignored: int = IGNORED) -> TokenLosses:
    """The cross-entropy of each token: logits [N, T, words] and targets [N, T].

    ignored: the target that does not count.
    Raises ValueError if the shapes do not fit or no target counts.
    """
    counted = to_predict(logits, targets, ignored)
    chosen = logits.double().log_softmax(-1).gather(-1, targets.where(counted, 0)[..., None]).squeeze(-1)
    return TokenLosses((-chosen).masked_fill(~counted, math.nan).detach().cpu().numpy())


@dataclass(frozen=True)
class Calibration:
    """How often the most probable token is right, beside the probability that the model gives it, by bins.

    low, high: the smallest and the largest of these probabilities in a bin, [bins], ascending. count: the number of
    predictions. confidence: the mean probability. accuracy: the share of right predictions. error: its binomial
    standard error.
    noise: the standard deviation of the accuracy if each prediction were right with its probability.
    """

    low: Array
    high: Array
    count: NDArray[np.int64]
    confidence: Array
    accuracy: Array
    error: Array
    noise: Array

    @property
    def expected_error(self) -> float:
        """The expected calibration error: the mean over predictions of their bin's |accuracy - confidence|."""
        return float(np.average(np.abs(self.accuracy - self.confidence), weights=self.count))

    @property
    def chance(self) -> float:
        """The expected calibration error that a calibrated model has on average, from the finite number of predictions.

        The mean of |x| is sqrt(2 / pi) times the standard deviation of x, if x is normal with the mean 0.
        """
        return float(np.average(self.noise, weights=self.count) * math.sqrt(2 / math.pi))

    def table(self) -> pd.DataFrame:
        """One row for each bin."""
        return pd.DataFrame(vars(self))


def calibration(logits: Tensor, targets: Tensor, ignored: int = IGNORED, bins: int = BINS) -> Calibration:
    """Compare the probability of the most probable token with how often it is right.

    Guo et al. 2017, On calibration of modern neural networks, https://arxiv.org/abs/1706.04599, with one difference:
    bins have about equal counts, as in Nixon et al. 2019, https://arxiv.org/abs/1904.01685, and not equal widths. A
    trained model is nearly sure of most tokens, so one of 15 bins of equal width would hold them all and the others
    a few. Equal probabilities stay in one bin, so that the order of the predictions does not matter.

    logits: [N, T, words]. targets: [N, T]. ignored: the target that does not count. bins: at most so many.
    Raises ValueError if the shapes do not fit, no target counts, or ``bins`` is below 1.
    """
    if bins < 1:
        raise ValueError("calibration needs at least one bin")
    counted = to_predict(logits, targets, ignored)
    largest, guess = logits.detach().double().softmax(-1).max(-1)
    order = largest[counted].argsort()
    probability = largest[counted][order].cpu().numpy()
    right = (guess == targets)[counted][order].double().cpu().numpy()
    starts = beginnings(probability, bins)
    count = np.diff(np.append(starts, len(probability)))

    def mean(values: Array) -> Array:
        average: Array = np.add.reduceat(values, starts) / count
        return average

    accuracy = mean(right)
    return Calibration(
        probability[starts],
        probability[starts + count - 1],
        count.astype(np.int64),
        mean(probability),
        accuracy,
        standard_error(accuracy, count),
        np.sqrt(mean(probability * (1 - probability)) / count),
    )


def beginnings(ascending: Array, bins: int) -> NDArray[np.int64]:
    """The places where bins of about equal counts begin. Equal values are in one bin."""
    equal = np.arange(bins) * len(ascending) // bins
    return np.unique(np.searchsorted(ascending, ascending[equal]))


def to_predict(logits: Tensor, targets: Tensor, ignored: int) -> Tensor:
    """The targets that count, as booleans [N, T]. Raises ValueError if there are none or the shapes do not fit."""
    if logits.shape[:-1] != targets.shape or targets.ndim != 2:
        given = " and ".join(" x ".join(map(str, each.shape)) for each in (logits, targets))
        raise ValueError(f"logits must be N x T x words and targets N x T, but they are {given}")
    counted = targets != ignored
    if not counted.any():
        raise ValueError("there is no token to predict")
    return counted
