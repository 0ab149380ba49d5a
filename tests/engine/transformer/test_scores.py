"""Measures of answers against the axioms of a distance, plain recursion, torch, and models that are calibrated."""

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.transformer.scores import by_length, calibration, cross_entropy, edit_distance, error_rate, exact

SHORT = st.lists(st.integers(0, 2), max_size=7)


def recursive(one: list[int], other: list[int]) -> int:
    """The definition: the cheapest of the three edits at the end, tried in turn."""

    @cache
    def cheapest(first: int, second: int) -> int:
        if not first or not second:
            return first + second
        replaced = cheapest(first - 1, second - 1) + (one[first - 1] != other[second - 1])
        return min(replaced, cheapest(first - 1, second) + 1, cheapest(first, second - 1) + 1)

    return cheapest(len(one), len(other))


@given(SHORT, SHORT)
def test_the_edit_distance_is_that_of_its_recursive_definition(one: list[int], other: list[int]) -> None:
    assert edit_distance(one, other) == recursive(one, other)


@given(SHORT, SHORT, SHORT)
def test_the_edit_distance_is_a_metric(one: list[int], other: list[int], third: list[int]) -> None:
    there = edit_distance(one, other)
    assert (there == 0) == (one == other)
    assert there == edit_distance(other, one)
    assert there <= edit_distance(one, third) + edit_distance(third, other)


@given(SHORT, SHORT, SHORT)
def test_the_edit_distance_lies_between_its_bounds(one: list[int], other: list[int], more: list[int]) -> None:
    there = edit_distance(one, other)
    assert abs(len(one) - len(other)) <= there <= max(len(one), len(other))
    assert edit_distance(more + one, more + other) == edit_distance(one + more, other + more) == there


@given(SHORT, st.data())
def test_so_many_edits_lead_at_most_so_far(one: list[int], data: st.DataObject) -> None:
    other, edits = list(one), data.draw(st.integers(0, 4))
    for _ in range(edits):
        place = data.draw(st.integers(0, len(other)))
        other[place : place + data.draw(st.integers(0, 1))] = data.draw(st.lists(st.integers(0, 2), max_size=1))
    assert edit_distance(one, other) <= edits


def test_known_distances_of_words() -> None:
    assert edit_distance("kitten", "sitting") == 3  # the usual example
    assert edit_distance("flaw", "lawn") == 2
    assert edit_distance("", "abc") == 3


def test_any_listed_answer_is_right_as_a_list_or_a_tuple() -> None:
    assert exact("read", {"red", "read"}) and not exact("rea", ["read", "red"])
    assert exact([3, 1], [(1, 3), (3, 1)]) and not exact([3, 1], [])
    assert exact(["R", "IY1", "D"], [("R", "EH1", "D"), ("R", "IY1", "D")])


def test_the_error_rate_is_counted_against_the_nearest_answer() -> None:
    assert error_rate("2019-03-04", ["2019-03-03"]) == 1 / 10
    assert error_rate([1, 2, 3], [(1, 2, 4), (9, 9, 9, 9)]) == 1 / 3
    assert error_rate("ab", ["a", "abc"]) == error_rate("ab", ["abc", "a"]) == 1 / 3  # equally near: the longest
    assert error_rate("aaaa", ["b"]) == 4
    assert error_rate("", ["abc"]) == 1


@given(SHORT, st.lists(SHORT.filter(bool), min_size=1, max_size=4))
def test_only_a_right_answer_has_no_error(found: list[int], listed: list[list[int]]) -> None:
    rate = error_rate(found, listed)
    assert (rate == 0) == exact(found, listed)
    assert any(rate * len(answer) == pytest.approx(recursive(found, answer)) for answer in listed)


@pytest.mark.parametrize("listed", [[], ["a", ""]])
def test_an_error_rate_needs_answers(listed: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one listed answer"):
        error_rate("a", listed)


@given(st.lists(st.tuples(st.integers(2, 9), st.booleans()), max_size=60))
def test_accuracy_by_length_counts_each_answer_once(answers: list[tuple[int, bool]]) -> None:
    lengths, right = [length for length, _ in answers], [is_right for _, is_right in answers]
    table = by_length(lengths, right).table()
    assert table["length"].tolist() == sorted(set(lengths))
    assert (table["count"] * table["accuracy"]).sum() == pytest.approx(sum(right))
    for length, count, accuracy, error in table.itertuples(index=False):
        own = [is_right for other, is_right in answers if other == length]
        assert (count, accuracy) == (len(own), np.mean(own))
        assert error == pytest.approx(np.std(own) / math.sqrt(count), abs=1e-12)


def test_the_standard_error_is_the_spread_of_repeated_measurements() -> None:
    rng = np.random.default_rng(2)
    runs = [by_length([4] * 50, (rng.random(50) < 0.3).tolist()) for _ in range(2_000)]
    spread = np.std([run.accuracy[0] for run in runs])
    mean = np.mean([run.error[0] for run in runs])
    assert mean == pytest.approx(spread, rel=4 / math.sqrt(2 * 2_000) + 1 / 50)  # four standard errors, and the bias


def test_lengths_and_answers_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="2 lengths, but 1 answers"):
        by_length([1, 2], [True])


def predictions(rows: int, seed: int, sharp: float = 1.5) -> tuple[Tensor, Tensor]:
    """Logits [rows, 10, 6], and targets that are drawn with their probabilities: the model is calibrated."""
    generator = torch.Generator().manual_seed(seed)
    logits = sharp * torch.randn(rows, 10, 6, generator=generator, dtype=torch.float64)
    return logits, torch.multinomial(logits.flatten(0, 1).softmax(-1), 1, generator=generator).view(rows, 10)


def test_cross_entropy_is_torchs_and_ignored_tokens_do_not_count() -> None:
    logits, targets = predictions(7, 0)
    targets[2, 5:] = -100
    for ignored in (-100, 3):
        targets = targets.where(targets != -100, ignored)
        found = cross_entropy(logits.float(), targets, ignored)
        torchs = torch.nn.functional.cross_entropy(
            logits.float().flatten(0, 1), targets.flatten(), ignore_index=ignored
        )
        assert found.mean == pytest.approx(torchs.item(), rel=1e-6)
        table = found.table()
        assert table["count"].sum() == (targets != ignored).sum()
        assert np.average(table["loss"], weights=table["count"]) == pytest.approx(found.mean, rel=1e-12)
        own = np.array([loss for loss in found.loss[:, 4] if not math.isnan(loss)])
        assert table["error"][4] == pytest.approx(own.std(ddof=1) / math.sqrt(len(own)), rel=1e-12)


def test_cross_entropy_of_guessing_is_the_logarithm_of_the_number_of_words() -> None:
    assert cross_entropy(torch.zeros(2, 3, 64), torch.ones(2, 3).long()).mean == pytest.approx(math.log(64))


def test_a_calibrated_model_is_found_to_be_calibrated() -> None:
    logits, targets = predictions(3_000, 1)
    found = calibration(logits, targets)
    assert len(found.count) == 15
    assert (np.abs(found.accuracy - found.confidence) < 4 * found.noise).all()
    runs = [calibration(*predictions(40, seed)) for seed in range(100)]
    errors = np.array([run.expected_error for run in runs])
    chance = np.mean([run.chance for run in runs])
    # Four standard errors, and 3 % because an accuracy over 27 predictions is only nearly normal.
    assert errors.mean() == pytest.approx(chance, abs=4 * errors.std() / 10 + 0.03 * chance)


def test_a_temperature_breaks_calibration_and_is_seen_in_its_direction() -> None:
    logits, targets = predictions(1_000, 2)
    sure, unsure = calibration(3 * logits, targets), calibration(logits / 3, targets)
    assert sure.expected_error > 10 * sure.chance and unsure.expected_error > 10 * unsure.chance
    assert np.average(sure.confidence - sure.accuracy, weights=sure.count) > 0.1
    assert np.average(unsure.confidence - unsure.accuracy, weights=unsure.count) < -0.1


@pytest.mark.parametrize("bins", [1, 4, 15])
def test_bins_are_those_of_a_plain_loop(bins: int) -> None:
    logits, targets = predictions(12, 3)
    found = calibration(logits, targets, ignored=2, bins=bins)
    pairs = sorted(
        (row.softmax(-1).max().item(), int(row.argmax() == target))
        for row, target in zip(logits.flatten(0, 1), targets.flatten(), strict=True)
        if target != 2
    )
    edges = [len(pairs) * bin // bins for bin in range(bins + 1)]
    whole = 0.0
    for bin, (begin, end) in enumerate(pairwise(edges)):
        own = pairs[begin:end]
        confidence, accuracy = (sum(column) / len(own) for column in zip(*own, strict=True))
        assert found.count[bin] == len(own)
        assert (found.low[bin], found.high[bin]) == pytest.approx((own[0][0], own[-1][0]), rel=1e-12)
        assert found.confidence[bin] == pytest.approx(confidence, rel=1e-12)
        assert found.accuracy[bin] == pytest.approx(accuracy, rel=1e-12)
        assert found.error[bin] == pytest.approx(math.sqrt(accuracy * (1 - accuracy) / len(own)), abs=1e-12)
        whole += abs(accuracy - confidence) * len(own) / len(pairs)
    assert found.expected_error == pytest.approx(whole, rel=1e-12)
    assert found.table().shape == (bins, 7)


def test_equal_probabilities_are_in_one_bin_so_that_order_does_not_matter() -> None:
    logits, targets = predictions(30, 4)
    logits = (logits * 100).round() / 100
    logits[:20] = torch.tensor([40.0, 0, 0, 0, 0, 0])  # two thirds are equally sure
    order = torch.randperm(30, generator=torch.Generator().manual_seed(0))
    found, other = calibration(logits, targets), calibration(logits[order], targets[order])
    assert found.count[-1] >= 200 and len(found.count) < 15
    np.testing.assert_allclose(found.table(), other.table(), rtol=1e-12)


def test_logits_and_targets_must_fit() -> None:
    logits, targets = predictions(2, 0)
    for measure in (cross_entropy, calibration):
        with pytest.raises(ValueError, match="they are 2 x 10 x 6 and 2 x 9"):
            measure(logits, targets[:, 1:])
        with pytest.raises(ValueError, match="no token to predict"):
            measure(logits, torch.full_like(targets, 5), ignored=5)
    with pytest.raises(ValueError, match="at least one bin"):
        calibration(logits, targets, bins=0)
