"""Names in a text lead to the paths of the same name, and nothing else in the text becomes HTML."""

from pages.ui.controls import plain
from pages.ui.lesson import named


def test_each_name_is_marked_once_and_the_longest_name_wins() -> None:
    text = named(plain("SGD, η 0.1 beats SGD and SGDX."), ["SGD", "SGD, η 0.1"])
    span = '<span class="lab-called">{}</span>'
    assert text == f"{span.format('SGD, η 0.1')} beats {span.format('SGD')} and SGDX{plain('.')}"


def test_a_hostile_name_stays_text() -> None:
    assert "<b>" not in named(plain("<b>x</b> wins"), ["<b>x</b>"]).replace("\\<", "")
    assert named("nobody wins", []) == "nobody wins"
