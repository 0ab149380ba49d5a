"""The residuals page in a real browser: the toggle, the layer under the pointer, every view, and a training's link."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from engine.experiment import Preset
from engine.residuals import highway
from engine.residuals.presets import PRESETS
from engine.signals import StackSpec, gradient_flow
from engine.signals.flow import TWINS
from engine.spec import encode
from pages.ui.guide import slug
from tests.browser.conftest import HAS_PLAYED, InBothThemes, OpenPage
from tests.browser.reading import charts

SMALL = "/residuals?view=training&depth=3&width=8&batch=16"
LAYER = re.compile(r"in layer (\d+)$")
SHOWN_LAYER = "() => [...document.querySelectorAll('.js-plotly-plot')][1].layout.xaxis.title.text"


def lines(page: Page) -> dict[str, dict[int, float]]:
    """The numbers of each twin in the first chart, by layer."""
    return {
        trace["name"]: dict(zip(trace["x"], trace["y"], strict=True))
        for trace in charts(page)[0]
        if trace["name"] in TWINS.values() and trace["x"] != [None]
    }


def curves(page: Page) -> dict[str, list[float]]:
    """The values of each twin in the first chart, one for each look."""
    return {trace["name"]: trace["y"] for trace in charts(page)[0] if trace["x"] != [None]}


def layer(page: Page) -> int:
    """The layer whose histogram is beside the first chart."""
    found = LAYER.search(page.evaluate(SHOWN_LAYER))
    assert found
    return int(found.group(1))


def test_it_opens_on_a_gradient_that_flows_back(open_page: OpenPage) -> None:
    page = open_page("/residuals", motion=True)
    page.wait_for_function(HAS_PLAYED)
    assert page.url.endswith("/residuals")
    page.get_by_label("Speed").first.select_option("4")
    expect(page.locator(".lab-step").first).to_have_text("layers back 40 of 40")
    assert layer(page) == 1
    flow = gradient_flow(StackSpec())
    assert lines(page) == {
        TWINS["plain"]: dict(enumerate(flow.plain.gradient.tolist())),
        TWINS["residual"]: dict(enumerate(flow.residual.gradient.tolist())),
    }


def test_the_toggle_takes_the_shortcuts_away(open_page: OpenPage, rerun: Callable[[Page], Any]) -> None:
    page = open_page("/residuals")
    both, ends = lines(page), "document.querySelector('.js-plotly-plot').layout.yaxis.range"
    shown = page.evaluate(ends)
    with rerun(page):
        page.get_by_role("switch", name="Shortcuts").locator("xpath=ancestor::label").click()
    assert lines(page) == {TWINS["plain"]: both[TWINS["plain"]]}
    assert page.evaluate(ends) == shown
    assert page.url.endswith("?shortcuts=0")
    with rerun(page):
        page.go_back()
    assert lines(page) == both


def test_the_histogram_is_of_the_layer_under_the_pointer(open_page: OpenPage) -> None:
    page = open_page("/residuals")
    place = page.evaluate("""() => {
        const plot = document.querySelector(".js-plotly-plot");
        const { left, top } = plot.getBoundingClientRect();
        const { xaxis, yaxis } = plot._fullLayout;
        return [left + xaxis._offset + xaxis.d2p(25), top + yaxis._offset + yaxis._length / 2];
    }""")
    assert layer(page) == 1
    page.mouse.move(*place)
    page.wait_for_function(f"/in layer 25$/.test(({SHOWN_LAYER})())")
    drawn = charts(page)[1][0]["y"]
    assert drawn == gradient_flow(StackSpec()).plain.shares(25).astype("float32").tolist()
    page.mouse.move(5, 5)
    page.wait_for_function(f"/in layer 1$/.test(({SHOWN_LAYER})())")


def test_each_quantity_and_each_view_is_drawn_for_its_link(open_page: OpenPage, rerun: Callable[[Page], Any]) -> None:
    page = open_page("/residuals?depth=6&width=16")
    for name, alt in (("Signal", "Signal, ‖h‖ by layer"), ("Weight gradient, mean", "mean |∂L/∂W| by layer")):
        with rerun(page):
            page.get_by_role("radio", name=name, exact=True).click()
        expect(page.locator(".lab-plot").first).to_have_attribute("aria-label", re.compile(re.escape(alt)))
    for name, view, alt in (
        ("Textbook example", "textbook", "Mean absolute gradient of the weights in five layers"),
        ("Transformer", "blocks", "Norm of the gradient of each sub-layer"),
        ("Nearby inputs", "shattering", "The component of the gradient along the arc"),
        ("Gradient paths", "highway", "Along the first one"),
    ):
        with rerun(page):
            page.get_by_role("radio", name=name, exact=True).click()
        expect(page.locator(".lab-plot").first).to_have_attribute("aria-label", re.compile(alt))
        assert f"view={view}" in page.url
    shortcut = highway(StackSpec(depth=6, width=16)).shortcut.tolist()
    assert charts(page)[0][0]["y"] == shortcut


def test_switching_a_shortcut_off_leaves_less_of_the_gradient(
    open_page: OpenPage, rerun: Callable[[Page], Any]
) -> None:
    page = open_page("/residuals?view=blocks")
    with rerun(page):
        page.get_by_role("switch", name="Shortcut over the attention").locator("xpath=ancestor::label").click()
    assert "attention_shortcut=0" in page.url
    query = next(trace["y"] for trace in charts(page)[0] if trace["name"] == "Query")
    before = next(trace["y"] for trace in charts(page)[0] if trace["name"] == "Query, nothing off")
    assert query[0] < 0.2 * before[0]


def test_a_preset_and_the_way_back(open_page: OpenPage, rerun: Callable[[Page], Any]) -> None:
    page = open_page("/residuals")
    first = lines(page)
    with rerun(page):
        page.get_by_role("radio", name="ReZero").click()
    assert "scale=zero" in page.url
    assert len(set(lines(page)[TWINS["residual"]].values())) == 1
    with rerun(page):
        page.go_back()
    assert lines(page) == first


def test_a_training_is_watched_and_its_link_shows_it_to_others(
    open_page: OpenPage, settle: Callable[[Page], None]
) -> None:
    page = open_page(f"{SMALL}&steps=300")
    page.get_by_role("button", name="Start this training").click()
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullData[0].y.length > 1")
    page.evaluate("document.querySelector('.js-plotly-plot').id = 'watched'")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    settle(page)
    expect(page.locator("#watched")).to_have_count(1)  # the same chart is still there after the training ended
    told = curves(page)
    assert {len(values) for values in told.values()} == {40}
    other = open_page(page.url.removeprefix(page.url.split("/residuals")[0]), elsewhere=True)
    assert curves(other) == told
    expect(other.get_by_role("button", name="Start this training")).to_have_count(0)


def test_a_sweep_is_cancelled_and_goes_on(open_page: OpenPage) -> None:
    page = open_page(f"{SMALL.replace('training', 'depths')}&steps=5000&depth=12")
    page.get_by_role("button", name="Start this sweep").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("This sweep was cancelled after")).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_the_question_the_chart_and_its_player_stand_on_one_screen(open_page: OpenPage, preset: Preset[Any]) -> None:
    place = {"view": preset.view, "lesson": slug(preset)} | encode(preset.spec)
    for said in ({}, {"said": "0"}, {"said": "0", "told": "1"}):
        page = open_page(f"/residuals?{urlencode(place | said)}", width=1280, height=800)
        expect(page.locator(".st-key-lab-question")).to_be_in_viewport(ratio=1)
        expect(page.locator(".lab-chart").first).to_be_in_viewport(ratio=1)


def test_what_overflows_is_told_and_what_is_finite_is_drawn(open_page: OpenPage) -> None:
    page = open_page("/residuals?activation=identity&gain=10&depth=60&quantity=signal")
    expect(page.get_by_text("Without shortcuts the signal is infinite from layer")).to_be_visible()
    assert lines(page)[TWINS["plain"]][20] > 1e10


def test_axe_finds_no_violation(
    open_page: OpenPage, in_both_themes: InBothThemes, axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    for path in ("/residuals", "/residuals?view=blocks", "/residuals?view=highway"):
        page = open_page(path)
        for _ in in_both_themes(page):
            assert axe(page) == []


def test_a_phone_shows_the_gradient(open_page: OpenPage) -> None:
    page = open_page("/residuals", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator(".lab-plot").first).to_be_in_viewport()
