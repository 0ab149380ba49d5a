"""The residuals page without a browser: every link opens a page, and every view and preset shows its picture."""

import re
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from engine.experiment import Preset
from engine.residuals.presets import PRESETS, SHATTERED
from engine.residuals.recorded import TRAININGS, recorded
from engine.signals import StackSpec
from engine.spec import Spec, encode
from pages.residuals import PAGE
from pages.ui.guide import slug
from pages.ui.page_state import opened
from tests.pages.pages import address, numbers, open_page, reached

VIEWS = [view.key for view in PAGE.views]
FIELDS = sorted({name for view in PAGE.views for name in view.settings.model_fields})


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIENT_LAB_HOME", str(tmp_path_factory.getbasetemp() / "home"))


def shown(page: AppTest) -> tuple[str, Spec]:
    """The view and the experiment's settings that the address bar now holds."""
    memory = reached("residuals", page)
    preset = next(preset for preset in PRESETS if preset.view == memory.view.key)
    return memory.view.key, memory.settings.only(type(preset.spec))


RIGHT = {
    "The textbook example": 2,
    "100 layers of tanh": 2,
    "Why post-LN needs warm-up": 2,
    "ReZero": 2,
    "Shortcuts cannot save a bad scale": 2,
    "Shattered gradients": 2,
    "Branches earn their share": 1,
}
"""Preset -> the place of the right answer, by the numbers in ``test_presets``."""


def words(page: AppTest) -> list[str]:
    """The texts of the page, without the marks of Markdown and HTML."""
    return [re.sub(r"<.*?>|\\", "", text.value) for text in page.markdown]


def findings(page: AppTest) -> list[str]:
    """The sentences above the picture that say what it shows."""
    return [text for text in words(page) if text.startswith(("Without", "Before any", "With nothing", "Compare the"))]


def test_it_opens_on_both_twins_with_an_empty_address() -> None:
    page = open_page("residuals")
    assert not page.warning and not page.error
    assert address(page) == {}


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_its_link_and_starts_nothing(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.jobs.Jobs.submit", None)  # a call would raise an exception
    page = open_page("residuals", view=view)
    assert not page.warning and not page.error
    assert address(page) == ({} if view == "layers" else {"view": view})


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_preset_is_a_link_that_says_what_to_look_for(preset: Preset[Any]) -> None:
    page = open_page("residuals", view=preset.view, **encode(preset.spec))
    assert shown(page) == (preset.view, preset.spec)
    assert any(preset.look_for == re.sub(r"<.*?>", "", text.value) for text in page.markdown)
    (pills,) = (group for group in page.button_group if group.key == "residuals/preset")
    assert pills.value == preset.title


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some.dictionaries(some.sampled_from(FIELDS), some.text(min_size=1), max_size=4),
    some.sampled_from(VIEWS),
)
def test_any_link_gives_a_page_that_says_what_was_wrong(params: dict[str, str], view: str) -> None:
    params = params | {"view": view}
    problems = opened(PAGE, params).problems
    page = open_page("residuals", **params)
    assert bool(page.warning) == bool(problems)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.data())
def test_any_settings_within_bounds_give_a_page(data: some.DataObject) -> None:
    params = {
        "depth": str(data.draw(some.integers(1, 200))),
        "width": str(data.draw(some.sampled_from((2, 5, 64, 512)))),
        "batch": str(data.draw(some.sampled_from((2, 128, 512)))),
        "gain": str(data.draw(some.sampled_from((0, 1, 10)))),
        "norm": data.draw(some.sampled_from(("none", "pre", "post", "batch"))),
        "scale": data.draw(some.sampled_from(("one", "root", "depth", "zero", "own"))),
        "every": str(data.draw(some.integers(1, 10))),
        "halvings": str(data.draw(some.integers(0, 4))),
        "activation": data.draw(some.sampled_from(("tanh", "squared_relu", "sigmoid", "softplus"))),
        "view": data.draw(some.sampled_from(VIEWS)),
    }
    page = open_page("residuals", **params)
    assert not page.error


def test_what_overflows_is_told() -> None:
    page = open_page("residuals", activation="identity", gain="10", depth="60")
    assert "the signal is infinite from layer" in page.info[0].value.replace("\\", "")
    page = open_page("residuals", activation="identity", gain="10", depth="60", view="highway")
    assert "nothing to split" in page.info[0].value


def test_what_would_take_too_long_is_told() -> None:
    page = open_page("residuals", view="highway", depth="200", width="316", batch="2")
    assert page.info[0].value.replace("\\", "").startswith("The paths of two samples take")
    page = open_page("residuals", view="shattering", depth="76", width="512", batch="2")
    assert page.info[0].value.replace("\\", "").startswith("The gradients take")


def test_one_preset_leaves_nothing_behind_for_the_next() -> None:
    page = open_page("residuals")
    for preset in PRESETS:
        (pills,) = (group for group in page.button_group if group.key == "residuals/preset")
        pills.set_value(preset.title).run()
        assert shown(page) == (preset.view, preset.spec)
        settings = {} if preset.spec == SHATTERED else encode(preset.spec)  # the view opens with these
        view = {} if preset.view == "layers" else {"view": preset.view}
        assert address(page) == view | settings | {"lesson": slug(preset)}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_preset_asks_before_it_tells(preset: Preset[Any]) -> None:
    place = {"view": preset.view, "lesson": slug(preset)} | encode(preset.spec)
    asked, told = open_page("residuals", **place), open_page("residuals", **place, said="0", told="1")
    assert preset.question is not None
    assert len(findings(told)) == 1 and not findings(asked)
    assert not any("last evaluation" in caption.value for caption in asked.caption)
    (end,) = (text.value for text in told.markdown if text.value.startswith("You said"))
    assert f"It was **{preset.question.answers[RIGHT[preset.title]]}**" in end


def test_a_button_follows_the_advice_and_one_advice_replaces_another() -> None:
    preset = next(preset for preset in PRESETS if preset.tries)
    place = {"view": preset.view, "lesson": slug(preset)} | encode(preset.spec)
    assert not [button for button in open_page("residuals", **place).button if button.label in preset.tries]
    page = open_page("residuals", **place, said="0", told="1")
    assert len(preset.tries) > 1
    for label, changes in preset.tries.items():
        (button,) = (button for button in page.button if button.label == label)
        button.click().run()
        assert shown(page) == (preset.view, preset.spec.but(**changes))
        assert label not in [button.label for button in page.button]
        assert any("Recorded on" in caption.value for caption in page.caption)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_says_what_it_shows(view: str) -> None:
    assert len(findings(open_page("residuals", view=view))) == 1


def test_the_view_of_nearby_inputs_opens_with_shattered_gradients() -> None:
    page = open_page("residuals", view="shattering")
    assert shown(page) == ("shattering", SHATTERED)
    vanishing = open_page("residuals", view="shattering", depth="40")
    assert shown(vanishing) == ("shattering", StackSpec())
    assert any("the signal vanishes, so the network is nearly linear" in text for text in findings(vanishing))


def test_a_larger_loss_is_explained_below_its_table() -> None:
    assert any("guesses are confident" in caption.value for caption in open_page("residuals").caption)


@pytest.mark.parametrize("name", TRAININGS)
def test_a_recorded_training_stands_before_anybody_starts_it(name: str) -> None:
    page = open_page("residuals", view="training", **encode(TRAININGS[name]))
    assert any("Recorded on" in caption.value for caption in page.caption)
    assert [button.label for button in page.button if button.key == "go/training"] == ["Run it here"]


def test_a_training_without_any_finite_gradient_has_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = recorded(TRAININGS["spirals"])
    assert kept
    lost = replace(kept, shortcut=np.full_like(kept.shortcut, np.nan))
    monkeypatch.setattr(import_module("pages.residuals.training"), "recorded", lambda spec: lost)
    page = open_page("residuals", view="highway", **encode(kept.spec))
    assert any("never has a finite gradient" in info.value for info in page.info)


def test_a_training_nobody_recorded_says_how_long_it_takes() -> None:
    page = open_page("residuals", view="training", seed="7")
    assert not any("Recorded on" in caption.value for caption in page.caption)
    assert any("about a minute on two CPU cores" in caption.value.replace("\\", "") for caption in page.caption)


def test_a_view_is_not_refused_for_what_another_left_behind() -> None:
    page = open_page("residuals", view="training", steps="10000", width="256", depth="39")
    page.button_group(key="residuals/view").set_value("layers").run()
    page.slider(key="residuals/depth/slider").set_value(100).run()
    assert not page.error and not page.warning
    assert address(page) == {"depth": "100", "width": "256"}
    page.button_group(key="residuals/view").set_value("training").run()
    assert "fewer steps" in page.warning[0].value.replace("\\", "")


def test_a_value_that_two_views_share_stays() -> None:
    page = open_page("residuals", depth="12", quantity="signal")
    for view, held in (
        ("shattering", {"view": "shattering", "depth": "12"}),
        ("layers", {"depth": "12", "quantity": "signal"}),
    ):
        page.button_group(key="residuals/view").set_value(view).run()
        assert address(page) == held


def test_the_own_scale_is_shown_where_it_is_chosen() -> None:
    def offered(**params: str) -> bool:
        return "Own branch scale" in numbers(open_page("residuals", **params))

    assert offered(scale="own") and not offered()
