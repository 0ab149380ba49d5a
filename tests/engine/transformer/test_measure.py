"""The measures of a trained model against answers that are counted here."""

import pytest

from engine.transformer import TASKS, load, measure
from engine.transformer.answers import answers, examine


def test_measures_agree_with_what_is_counted_one_by_one() -> None:
    model, task = load("dates", 100), TASKS["dates"]  # errs often
    examples = task.held_out(60)
    found = measure(model, task, examples)
    written = ["".join(*answers(model, task, [task.read(each.text)])) for each in examples]
    right = [text == "".join(each.answers[0]) for text, each in zip(written, examples, strict=True)]
    assert 0 < sum(right) < 60
    assert found.right == pytest.approx(sum(right) / 60)
    assert (found.loss, found.right) == pytest.approx(examine(model, task, examples), rel=1e-5)
    assert 0 < found.error_rate < 1 - found.right  # a wrong date has some right characters
    assert found.error == pytest.approx((found.right * (1 - found.right) / 60) ** 0.5)
    assert found.lengths.count.sum() == 60
    assert set(found.table()) == {"count", "loss", "right", "error", "error_rate", "calibration_error"}


def test_texts_that_are_filled_up_are_not_described() -> None:
    task = TASKS["sort"]
    found = measure(load("sort"), task, task.held_out(64))
    assert list(found.heads["attention"]) == ["stack.0.attention"] * 4
    assert found.heads["entropy"].between(0, 1).all()


def test_no_text_is_no_measure() -> None:
    with pytest.raises(ValueError, match="one text or more"):
        measure(load("copy"), TASKS["copy"], [])
