"""The attention page without a browser: every preset and every model opens, and a new model takes fitting settings."""

import pytest

from engine.attention.presets import PRESETS
from engine.attention.spec import MODELS
from engine.spec import encode
from tests.pages.pages import address, open_page, reached


@pytest.mark.parametrize("number", range(len(PRESETS)))
def test_each_preset_opens_by_its_link(number: int) -> None:
    page = open_page("attention", **encode(PRESETS[number].spec))
    assert not page.warning and not page.error
    assert reached("attention", page).settings.only(type(PRESETS[number].spec)) == PRESETS[number].spec


def test_it_opens_on_the_induction_head_with_an_empty_address() -> None:
    page = open_page("attention")
    assert not page.warning and not page.error and address(page) == {}
    assert any("gives 98" in text.value or "gives 99" in text.value for text in page.markdown)


def test_another_model_takes_its_own_settings_and_a_checkpoint_is_kept_in_the_link() -> None:
    page = open_page("attention", layer="2", text="stairstair", query="4")
    page.selectbox(key="attention/model-choice").select("dates").run()
    assert address(page) == {"model": "dates", "part": "cross", "layer": "1"}
    page.selectbox(key="attention/step-choice").select(100).run()
    assert address(page)["step"] == "100"
    page.selectbox(key="attention/step-choice").select(1_200).run()
    assert "step" not in address(page)
    assert not page.exception and not page.error


@pytest.mark.parametrize("text", ["ש", "3 march 2019", "a" * 64])
def test_a_text_that_the_model_cannot_read_is_refused_and_the_picture_stays(text: str) -> None:
    page = open_page("attention", text=text)
    assert not page.exception
    assert len(page.warning) == (0 if text == "a" * 64 else 1)
    assert len(page.get("bidi_component")) >= 3


def test_every_model_is_offered() -> None:
    page = open_page("attention")
    assert len(page.selectbox(key="attention/model-choice").options) == len(MODELS)
