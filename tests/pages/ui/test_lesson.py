"""Names in a text lead to the paths of the same name, and nothing else in the text becomes HTML."""

import re

from pages.ui.controls import plain
from pages.ui.lesson import named


def test_each_name_is_marked_once_and_the_longest_name_wins() -> None:
    text = named(plain("SGD, η 0.1 beats SGD and SGDX."), ["SGD", "SGD, η 0.1"])
    span = '<span class="lab-called">{}</span>'
    assert text == f"{span.format('SGD, η 0.1')} beats {span.format('SGD')} and SGDX{plain('.')}"


def test_the_number_of_a_step_is_marked_and_no_other_number() -> None:
    text = named("SGD arrives in 24 steps, Adam in 90; within 0.01 after 2.5 s, stopped at step 9.", ["SGD"])
    assert re.findall(r'data-step="(\d+)" data-word="(\w+)"', text) == [("24", "step"), ("90", "step"), ("9", "step")]
    assert 'data-step="4" data-word="epoch"' in named("129.8 after 4 epochs", ["K-FAC"])
    assert re.sub("<.*?>", "", text).startswith("SGD arrives in 24 steps, Adam in 90; within 0.01 after 2.5 s")


def test_a_hostile_name_stays_text() -> None:
    assert "<b>" not in named(plain("<b>x</b> wins"), ["<b>x</b>"]).replace("\\<", "")
    assert named("nobody wins", []) == "nobody wins"
