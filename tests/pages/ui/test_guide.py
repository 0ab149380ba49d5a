"""Guidance in a link: what is written is read again, and hostile text is refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.surfaces import PRESETS
from pages.ui.guide import SKIPPED, Guide, read_guide, read_mark, read_question, slug, write_mark, write_question


def test_guidance_is_read_as_it_was_written() -> None:
    asked = write_question("Which is first?", ["Adam", "SGD"], 1, "SGD has the larger step.")
    guide = Guide(lesson=slug(PRESETS[0]), ask=asked, said="1", told="1", present="1")
    params = guide.params() | {"steps": "30"}
    assert read_guide(params, PRESETS) == (guide, [])
    assert params == {"steps": "30"}


def test_a_teachers_question_keeps_its_answers_and_the_right_one() -> None:
    question, why = read_question(write_question("Which?", ["A", "B", "C"], 2, "Because."))
    assert (question.ask, question.answers, question.right(None), why) == ("Which?", ("A", "B", "C"), 2, "Because.")
    assert read_question("Which?~A~B~")[0].right(None) == -1


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "needs a question"), ("Which?~A~", "two to four"), ("Which?~A~B~C~D~E~", "two to four"),
     ("~A~B~", "needs a question"), ("Which?~~B~", "two to four"), ("Which?~*A~*B~", "more than one"),
     ("x" * 1001, "1001 characters")],
)  # fmt: skip
def test_a_question_that_cannot_be_shown_is_explained(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_question(text)
    guide, problems = read_guide({"ask": text}, ())
    assert guide == Guide() and reason in problems[0]


def test_a_lesson_that_does_not_exist_is_told() -> None:
    guide, problems = read_guide({"lesson": "alchemy", "said": "9"}, PRESETS)
    assert guide == Guide() and len(problems) == 1


def test_no_two_presets_have_the_same_name_in_links() -> None:
    assert len(set(map(slug, PRESETS))) == len(PRESETS)


@given(st.dictionaries(st.sampled_from(["lesson", "ask", "said", "told", "present"]), st.text(max_size=80)))
def test_any_guidance_is_read_without_an_exception(params: dict[str, str]) -> None:
    guide, _ = read_guide(params, PRESETS)
    assert guide.said in {"", SKIPPED, "0", "1", "2", "3"} or read_mark(guide.said)
    assert not params


def test_a_switch_is_on_only_if_it_is_1() -> None:
    assert read_guide({"told": "0", "present": ""}, ()) == (Guide(), [])


def test_a_mark_that_a_teacher_types_does_not_make_an_answer_right() -> None:
    assert read_question(write_question("Which?", ["*x", "y"], 1, ""))[0].right(None) == 1


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_mark_is_read_as_it_was_written_to_six_digits(x: float, y: float) -> None:
    x, y = (value if abs(value) > 1e-300 else 0.0 for value in (x, y))
    said = write_mark(x, y)
    assert read_mark(said) == pytest.approx((x, y), rel=1e-5, abs=0)
    assert read_guide({"said": said}, ()) == (Guide(said=said), [])


@pytest.mark.parametrize("said", ["1", "1_", "_", "1_2_3", "nan_0", "inf_0", "2e6_0", "a_b", "1_" + "9" * 60, ""])
def test_what_is_no_mark_is_not_read_as_one(said: str) -> None:
    assert read_mark(said) is None
