"""The activations page without a browser: every link opens a page, and every view and preset shows its picture."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from engine.activations import DepthSpec, Scheme
from engine.activations.presets import PRESETS
from engine.activations.units import CHOICES
from engine.experiment import Preset
from engine.nn import INITIALIZERS
from engine.spec import encode
from pages.activations import PAGE
from pages.ui.guide import slug
from pages.ui.page_state import opened
from tests.pages.pages import address, open_page, reached

VIEWS = [view.key for view in PAGE.views]
FIELDS = sorted({name for view in PAGE.views for name in view.settings.model_fields})
OPENED = ("depth", "functions", "plane")
"""The views whose pictures are computed as they open."""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIENT_LAB_HOME", str(tmp_path_factory.getbasetemp() / "home"))


def words(page: AppTest) -> list[str]:
    """The texts of the page, without the marks of Markdown and HTML."""
    return [re.sub(r"<.*?>|\\", "", text.value) for text in page.markdown]


def told(page: AppTest) -> str:
    """What the page says in its boxes for information."""
    return " ".join(info.value.replace("\\", "") for info in page.info)


def network(**scheme: Any) -> str:
    """The link's text of one network."""
    return encode(DepthSpec(schemes=(Scheme(**scheme),)))["schemes"]


def test_it_opens_on_the_depth_view_with_an_empty_address() -> None:
    page = open_page("activations")
    assert not page.warning and not page.error
    assert address(page) == {}


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_its_link_and_starts_nothing(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.jobs.Jobs.submit", None)  # a call would raise an exception
    page = open_page("activations", view=view)
    assert not page.warning and not page.error
    assert address(page) == ({} if view == "depth" else {"view": view})


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_preset_is_a_link_that_says_what_to_look_for(preset: Preset[Any]) -> None:
    page = open_page("activations", view=preset.view, **encode(preset.spec), **preset.shown)
    memory = reached("activations", page)
    assert (memory.view.key, memory.settings.only(type(preset.spec))) == (preset.view, preset.spec)
    assert preset.look_for in words(page)
    (pills,) = (group for group in page.button_group if group.key == "activations/preset")
    assert pills.value == preset.title


@pytest.mark.parametrize("preset", [each for each in PRESETS if each.question], ids=lambda preset: preset.title)
def test_a_preset_asks_before_it_tells(preset: Preset[Any]) -> None:
    place = {"view": preset.view, "lesson": slug(preset), **encode(preset.spec), **preset.shown}
    page = open_page("activations", **place)
    assert preset.question is not None
    assert any(preset.question.ask in text for text in words(page)) and not told(page)
    after = open_page("activations", **place, said="0", told="1")
    (end,) = (text.value for text in after.markdown if text.value.startswith(("You said", "Right")))
    assert re.search(r"[Ii]t was", end) or end.startswith("Right")


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some.dictionaries(some.sampled_from(FIELDS), some.text(min_size=1), max_size=4),
    some.sampled_from(VIEWS),
)
def test_any_link_gives_a_page_that_says_what_was_wrong(params: dict[str, str], view: str) -> None:
    params = params | {"view": view}
    problems = opened(PAGE, params).problems
    page = open_page("activations", **params)
    assert bool(page.warning) == bool(problems)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.data())
def test_any_settings_within_bounds_give_a_page(data: some.DataObject) -> None:
    activations = some.sampled_from(list(CHOICES))
    schemes = tuple(
        Scheme(
            activation=data.draw(activations),
            initializer=data.draw(some.sampled_from(list(INITIALIZERS))),
            gain=data.draw(some.sampled_from((0, 1, 10))),
            bias=data.draw(some.sampled_from((-20, 0, 3))),
        )
        for _ in range(2)
    )
    formula = data.draw(some.sampled_from(("log(z)", "z^3", "1/z", "0*z", "exp(z*z)", "sign(z)")))
    view = data.draw(some.sampled_from(OPENED))
    params = encode(DepthSpec(schemes=schemes)) | {"formula": formula, "view": view}
    params["width"] = str(data.draw(some.sampled_from((1, 2, 64)))) if view == "depth" else "16"
    params["depth"] = str(data.draw(some.sampled_from((1, 30)))) if view == "depth" else "5"
    if view == "depth":
        quantities = ("signal", "gradient", "weight_gradient", "update", "silent", "flat", "mean", "spread")
        params["quantity"] = data.draw(some.sampled_from(quantities))
    if view == "functions":
        del params["depth"], params["width"], params["schemes"]
        units = "~".join(
            f"f_activation_{name.replace('_', '-')}" for name in data.draw(some.sets(activations, min_size=1))
        )
        params |= {"units": units, "mean": "5", "spread": data.draw(some.sampled_from(("0.01", "5")))}
    if view == "plane":
        params |= {"unit": f"f_activation_{data.draw(activations).replace('_', '-')}"}
        params |= {"weight": data.draw(some.sampled_from(("0", "4"))), "bias": data.draw(some.sampled_from(("0", "1")))}
    page = open_page("activations", **params)
    assert not page.error


def test_overflow_is_told_as_overflow() -> None:
    text = network(activation="identity", initializer="lecun_normal", gain=10)
    page = open_page("activations", schemes=text, depth="60", quantity="signal")
    assert "leave the range of float32" in told(page)
    assert any("overflows in layer" in text for text in words(page))


def test_dead_networks_are_explained_as_dead() -> None:
    page = open_page("activations", schemes=network(activation="relu", initializer="he_normal", bias=-3))
    assert "are 0 for every input, so they cannot learn" in told(page)
    page = open_page("activations", schemes=network(activation="tanh", gain=0), width="1")
    assert "all weights are 0" in told(page)


def test_a_function_without_a_value_is_told() -> None:
    page = open_page("activations", view="functions", units="f_activation_own", formula="log(z)")
    assert "Your own is no finite number on 50% of the picture" in told(page)
    page = open_page("activations", schemes=network(activation="own"), formula="log(z)")
    assert "the function has no value for some inputs" in told(page)
    page = open_page("activations", view="plane", unit="f_activation_own", formula="log(z)", depth="5", width="16")
    assert any("no value for some numbers" in text for text in words(page))


@pytest.mark.parametrize("params", [{"inputs": "mnist"}, {"view": "repair", "data": "mnist"}])
def test_without_the_digits_the_page_says_what_is_missing(
    params: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIENT_LAB_DATA", str(tmp_path))
    page = open_page("activations", **params)
    assert "MNIST is not available" in told(page)


def test_growth_is_told_as_a_factor() -> None:
    page = open_page("activations", view="functions", units="f_activation_own", formula="z^3", mean="1", spread="5")
    assert any("multiplies the squared gradient by 18,234" in text for text in words(page))


def test_a_training_without_a_picture_shows_the_last_one_below_what_it_says() -> None:
    page = open_page("activations", view="training", depth="3")
    assert any("Nothing has been trained with these settings yet" in text.value for text in page.caption)
    (recorded,) = (text.value for text in page.caption if "Recorded with torch" in text.value)
    assert "three spirals" in recorded
    assert not [button for button in page.button if "Again" in button.label]
    (again,) = (button for button in open_page("activations", view="training").button if "same weights" in button.label)
    assert again.label == "Again with the same weights"


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"view": "functions", "units": "f_activation_leaky-relu_a_1"}, "a network of such layers is linear"),
        ({"view": "functions", "units": "f_activation_own", "formula": "z +"}, "formula"),
        ({"depth": "200", "width": "1024", "batch": "512"}, "are allowed"),
        ({"width": "0"}, "width"),
        ({"schemes": "net_gain_11"}, "gain"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(params: dict[str, str], reason: str) -> None:
    page = open_page("activations", **params)
    assert reason in " ".join(warning.value.replace("\\", "") for warning in page.warning)


def test_one_preset_leaves_nothing_behind_for_the_next() -> None:
    page = open_page("activations")
    for preset in PRESETS:
        (pills,) = (group for group in page.button_group if group.key == "activations/preset")
        pills.set_value(preset.title).run()
        memory = reached("activations", page)
        assert (memory.view.key, memory.settings.only(type(preset.spec))) == (preset.view, preset.spec)
