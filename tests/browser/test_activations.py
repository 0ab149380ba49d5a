"""The activations page in a real browser: the ring that is dragged, the dot on the plane, both themes, and a phone."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from engine.activations import DepthSpec, FunctionSpec, PhaseSpec, compare, propagate
from engine.spec import Spec
from pages.activations import PAGE
from pages.ui.page_state import opened
from tests.browser.conftest import InBothThemes, OpenPage, Rerun
from tests.browser.reading import charts, drag, place, ring

SMALL = "depth=4&width=16&draws=2"


def settings(page: Page) -> Spec:
    """The settings of the view that the address bar shows. Fails if the address has a problem."""
    memory = opened(PAGE, dict(parse_qsl(urlsplit(page.url).query)))
    assert not memory.problems
    return memory.settings


def inputs(page: Page) -> tuple[float, float]:
    found = settings(page).only(FunctionSpec)
    return found.mean, found.spread


def network(page: Page) -> tuple[float, float]:
    found = settings(page).only(PhaseSpec)
    return found.weight, found.bias


def test_it_opens_on_gradients_that_vanish_and_gradients_that_do_not(open_page: OpenPage) -> None:
    page = open_page("/activations")
    assert page.url.endswith("/activations")
    drawn = {trace["name"]: trace["y"] for trace in charts(page)[0] if trace["x"] != [None]}
    for trace in propagate(DepthSpec()).traces:
        assert drawn[trace.name] == pytest.approx(trace.middle("gradient")[::-1].tolist(), rel=1e-3)
    expect(page.get_by_text("The gradient at the first layer, relative to the last").first).to_be_visible()


def test_the_inputs_are_dragged_and_the_outputs_follow(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/activations?view=functions")
    before = charts(page)[1]
    drag(page, (0, 1), (2, 0.5))
    assert inputs(page) == (0, 1)  # the page follows when the pointer lets go
    with rerun(page):
        page.mouse.up()
    assert inputs(page) == pytest.approx((2, 0.5), abs=0.05)
    assert ring(page) == pytest.approx(inputs(page))
    after = charts(page)[1]
    assert after != before
    found = compare(settings(page).only(FunctionSpec))
    for drawn, response in zip(after, found.responses, strict=True):
        assert drawn["y"] == pytest.approx(response.density.tolist(), rel=1e-5)
    page.reload()
    assert inputs(page) == pytest.approx((2, 0.5), abs=0.05)


def test_a_click_and_the_arrow_keys_move_the_inputs(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/activations?view=functions")
    with rerun(page):
        page.mouse.click(*place(page, -2, 2))
    mean, spread = inputs(page)
    assert (mean, spread) == pytest.approx((-2, 2), abs=0.05)
    with rerun(page):
        page.locator(".lab-plot").first.press("ArrowRight")
    assert inputs(page) == pytest.approx((mean + 0.24, spread), abs=1e-4)  # a fiftieth of the picture
    with rerun(page):
        page.locator(".lab-plot").first.press("Shift+ArrowDown")
    assert inputs(page) == pytest.approx((mean + 0.24, spread - 0.54), abs=1e-4)


def test_the_dot_on_the_plane_is_clicked_and_dragged_and_the_depth_view_follows(
    open_page: OpenPage, rerun: Rerun
) -> None:
    page = open_page(f"/activations?view=plane&{SMALL}")
    with rerun(page):
        page.mouse.click(*place(page, 3, 0.6))
    assert network(page) == pytest.approx((3, 0.6), abs=0.03)
    expect(page.get_by_text("Chaotic", exact=False).first).to_be_visible()
    drag(page, network(page), (0.7, 0.3))
    with rerun(page):
        page.mouse.up()
    weight, bias = network(page)
    assert (weight, bias) == pytest.approx((0.7, 0.3), abs=0.03)
    assert ring(page) == pytest.approx([weight, bias])
    expect(page.get_by_text("Ordered", exact=False).first).to_be_visible()
    with rerun(page):
        page.get_by_role("radio", name="Through depth").click()
    first = settings(page).only(DepthSpec).schemes[0]
    assert first.activation == "tanh" and first.initializer == "lecun_normal"
    assert (first.gain**2, first.bias_spread**2) == pytest.approx((weight, bias), rel=1e-4)


def test_axe_finds_no_violation(
    open_page: OpenPage, in_both_themes: InBothThemes, axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    for view in ("depth", "functions", "plane"):
        page = open_page(f"/activations?view={view}")
        for _ in in_both_themes(page):
            assert axe(page) == []


def test_a_phone_shows_every_view_without_sideways_scroll(open_page: OpenPage) -> None:
    for view in ("depth", "functions", "plane"):
        page = open_page(f"/activations?view={view}", width=390, height=844)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        expect(page.locator(".lab-plot").first).to_be_in_viewport()
