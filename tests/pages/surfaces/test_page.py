"""The surfaces page without a browser: every link opens a page, and the page keeps what a visitor enters."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from engine.experiment import Preset
from engine.spec import encode
from engine.surfaces import PRESETS, SURFACES, DescentSpec
from pages.surfaces import PAGE
from pages.ui.page_state import opened
from tests.pages.pages import address, numbers, open_page, reached


def spec_of(page: AppTest) -> DescentSpec:
    """The race that the address bar now holds."""
    return reached("surfaces", page).settings.only(DescentSpec)


def test_it_opens_with_an_empty_address_and_no_warning() -> None:
    page = open_page("surfaces")
    assert not page.warning and not page.error
    assert address(page) == {}


@pytest.mark.parametrize(("surface", "kinds"), [("monkey-saddle", {"◇"}), ("saddle", {"★", "×"}), ("booth", {"★"})])
def test_the_legend_explains_the_points_on_the_map_and_no_others(surface: str, kinds: set[str]) -> None:
    page = open_page("surfaces", surface=surface, lanes="sgd_lr_0.01", steps="5")
    (legend,) = (caption.value for caption in page.caption if caption.value.startswith("Click the surface"))
    assert {mark for mark in "★×▲◇" if mark in legend} == kinds
    assert "degenerate" not in legend and ("gradient 0, and curvature 0" in legend) == ("◇" in kinds)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_link_opens_its_experiment(preset: Preset[DescentSpec]) -> None:
    spec = preset.spec
    page = open_page("surfaces", **encode(spec))
    assert not page.warning
    assert spec_of(page) == spec


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.dictionaries(some.sampled_from(list(DescentSpec.model_fields)), some.text(min_size=1), max_size=4))
def test_any_link_gives_a_page_that_says_what_was_wrong(params: dict[str, str]) -> None:
    problems = opened(PAGE, params).problems
    page = open_page("surfaces", **params)
    assert bool(page.warning) == bool(problems)


@pytest.mark.parametrize("formula", ["2x", "x.real", "__import__('os')", "(" * 200, "x^", "q + 1", "9**9**9**9"])
def test_a_formula_that_cannot_be_used_is_kept_and_explained(formula: str) -> None:
    page = open_page("surfaces", surface="own")
    before = spec_of(page)
    page.text_input[0].set_value(formula).run()
    assert not page.exception
    assert page.text_input[0].value == formula
    assert page.error and spec_of(page) == before


def test_where_a_formula_has_no_value_the_page_says_how_much_of_the_map_that_is() -> None:
    page = open_page("surfaces", surface="own", formula="x^(1/3) + y^2", span="2")
    share = 50 / 101  # of the 101 columns of the map, 50 are left of 0
    assert any(f"On {share:.2%} of the window, f is not a finite number." in each.value for each in page.caption)
    assert r"f = x^{\frac{1}{3}} + y^{2}" in [each.value.strip("$ \n") for each in page.sidebar.latex]


def test_a_rate_set_by_slider_is_in_the_address() -> None:
    page = open_page("surfaces")
    page.select_slider[0].set_value(0.002).run()
    assert spec_of(page).lanes[0].lr == 0.002


def test_another_surface_brings_its_own_start_and_rates() -> None:
    page = open_page("surfaces", start="0_0")
    page.selectbox(key="surfaces/surface").set_value("booth").run()
    spec = spec_of(page)
    assert (spec.surface, spec.start) == ("booth", None)
    assert spec.lanes[0].lr != DescentSpec().lanes[0].lr
    assert spec.origin() == SURFACES["booth"].start


def test_an_optimizer_is_added_with_a_rate_for_this_surface() -> None:
    page = open_page("surfaces")
    page.selectbox(key="surfaces/add").set_value("lion").run()
    assert [lane.optimizer for lane in spec_of(page).lanes][-1] == "lion"
    assert page.selectbox(key="surfaces/add").value is None


def test_too_many_steps_for_the_lanes_are_refused_and_kept_as_a_draft() -> None:
    lanes = "~".join(["adam_lr_0.1"] * 17)
    page = open_page("surfaces", lanes=lanes, steps="100")
    page.slider[0].set_value(2000).run()
    assert "at most" in page.error[0].value
    assert spec_of(page).steps == 100 and page.slider[0].value == 2000


def test_back_to_an_earlier_address_restores_its_experiment() -> None:
    page = open_page("surfaces", surface="booth")
    page.select_slider[0].set_value(0.002).run()
    for name in list(page.query_params):
        del page.query_params[name]
    page.query_params["surface"] = "booth"
    page.run()
    assert spec_of(page) == DescentSpec(surface="booth")


def test_a_refused_addition_says_so_and_changes_nothing() -> None:
    page = open_page("surfaces", lanes="~".join(["adam_lr_0.1"] * 20), steps="10")
    page.selectbox(key="surfaces/add").set_value("lion").run()
    assert "Nothing was changed" in page.warning[0].value
    assert len(spec_of(page).lanes) == 20


def test_a_rerun_that_answers_a_widget_is_no_navigation() -> None:
    page = open_page("surfaces", surface="booth")
    page.select_slider[0].set_value(0.002).run()
    changed = spec_of(page)
    page.session_state["surfaces/state"].answering = True
    page.query_params.clear()
    page.query_params["surface"] = "booth"
    page.run()
    assert spec_of(page) == changed


def labels(page: AppTest) -> set[str]:
    widgets = (*page.text_input, *page.select_slider, *page.slider, *page.button)
    return {*numbers(page), *(widget.label for widget in widgets)}


def test_a_setting_is_shown_where_it_matters() -> None:
    threshold = "Stop below ε"
    assert threshold not in labels(open_page("surfaces"))
    assert threshold in labels(open_page("surfaces", stop="step"))


def test_what_to_try_is_said_when_it_is_asked_for() -> None:
    page = open_page("surfaces", surface="himmelblau", start="0_-1", lanes="sgd_lr_0.05", steps="50")
    assert not any("With the rate" in text.value for text in page.markdown)
    page.session_state["surfaces/try"] = True
    page.run()
    assert any(text.value.startswith("**SGD**: With the rate") for text in page.markdown)


def test_the_last_optimizer_cannot_be_removed() -> None:
    for lanes, removable in (("adam_lr_0.1", False), ("adam_lr_0.1~sgd_lr_0.1", True)):
        page = open_page("surfaces", lanes=lanes, steps="9")
        page.session_state["surfaces/settings0"] = True  # the optimizer's panel is open
        page.run()
        assert ("Remove" in labels(page)) == removable


def test_a_surface_without_a_minimum_has_no_distance_to_it() -> None:
    def told(surface: str) -> bool:
        return any(
            "no known minimum" in info.value for info in open_page("surfaces", surface=surface, curve="distance").info
        )

    assert told("monkey-saddle") and not told("booth")
