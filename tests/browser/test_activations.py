"""The activations page in a real browser: the ring that is dragged, the dot on the plane, both themes, and a phone."""

import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from engine.activations import DepthSpec, FunctionSpec, PhaseSpec, compare, propagate
from engine.activations.experiments import TRAINING as TRAINING_EXPERIMENT
from engine.activations.repair import repair
from engine.activations.training_spec import RepairSpec, TrainSpec
from engine.spec import Spec
from pages.activations import PAGE
from pages.ui.page_state import opened
from tests.browser.conftest import InBothThemes, OpenPage, Rerun
from tests.browser.reading import charts, drag, place, ring

SMALL = "depth=4&width=16&draws=2"
TRAINING = "/activations?view=training&depth=2&width=16&batch=16&seeds=2"

LOOKS = (
    "(document.querySelector('.js-plotly-plot')?._fullData.find(({ meta, x }) => meta?.path && x[0] !== null)"
    "?.x.length ?? 0)"
)
"""How often the training in the first chart has been looked at."""


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
    with rerun(page):
        page.get_by_role("radio", name="Training").click()
    assert settings(page).only(TrainSpec).schemes[0] == first


def curves(page: Page) -> dict[str, list[float]]:
    """The values of each network in the first chart, one for each look."""
    return {
        trace["name"]: trace["y"]
        for trace in charts(page)[0]
        if trace["x"] != [None] and not trace["name"].endswith(", seeds")
    }


def test_a_training_is_watched_and_repeated_with_the_same_weights(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(f"{TRAINING}&steps=300")
    page.get_by_role("button", name="Start this training").click()
    page.wait_for_function(f"{LOOKS} > 0 && {LOOKS} < 40")  # a picture comes before the training has ended
    page.wait_for_function(f"{LOOKS} === 40")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    first = curves(page)
    found = TRAINING_EXPERIMENT.result(settings(page).only(TrainSpec))
    for each in found.curves:
        assert first[each.name] == pytest.approx(each.middle("loss").tolist(), rel=1e-4)
    page.get_by_role("button", name="Again with the same weights").click()
    page.wait_for_url("**order=1**")  # until then, the first training's picture stands
    page.wait_for_function(f"{LOOKS} === 40 && document.querySelector('.lab-before').hidden === false")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    assert settings(page).only(TrainSpec) == found.spec.but(order=1)
    again = curves(page)
    for name, losses in again.items():
        assert losses[0] == first[name][0] and losses[-1] != first[name][-1]
    with rerun(page):
        page.get_by_role("radio", name="Update ratio").click()
    expect(page.locator(".lab-plot").first).to_have_attribute("aria-label", re.compile("Update ratio|‖ΔW‖"))


def test_the_player_lights_a_row_of_the_ridge(open_page: OpenPage) -> None:
    page = open_page(f"/activations?{SMALL}&quantity=signal")
    lit = "[...document.querySelectorAll('.js-plotly-plot')][1].layout.xaxis.title.text"
    assert page.evaluate(lit) == "Output, scaled. Lit: layer 4"  # with reduced motion, the player stands at its end
    page.get_by_role("slider", name="Step", exact=True).press("ArrowLeft")
    page.wait_for_function(f"{lit} === 'Output, scaled. Lit: layer 3'")
    spec = settings(page).only(DepthSpec)
    rows = [trace for trace in charts(page)[1] if len(trace["x"]) == len(propagate(spec).middles) + 2]
    assert len(rows) == len(spec.schemes)
    for row, trace in zip(rows, propagate(spec).traces, strict=True):
        heights, share = 3 - np.array(row["y"])[1:-1], trace.histogram[2]
        shown = (share > 0.01) & (heights < 0.99 * heights.max())  # spikes are cut
        assert shown.sum() > 3
        assert np.ptp(heights[shown] / share[shown]) < 0.01 * heights.max() / share.max()


def test_a_waiting_picture_holds_no_answer(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/activations")
    with rerun(page):
        page.get_by_role("radio", name="Sigmoid's paralysis").click()
    expect(page.get_by_text("How much of the gradient reaches the first layer?")).to_be_visible()
    drawn = [value for trace in charts(page)[0] for value in trace["y"]]
    assert not any(value is not None and math.isfinite(value) for value in drawn)
    low, high = page.evaluate("document.querySelector('.js-plotly-plot')._fullLayout.yaxis.range")
    assert high - low < 7 and low > -4  # the axis does not say how small the gradient becomes
    box = page.locator(".lab-plot").first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 70, box["y"] + 150, steps=3)
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 150, steps=20)
    expect(page.locator(".hoverlayer text")).to_have_count(0)
    with rerun(page):
        page.get_by_role("button", name="Less than a millionth").click()
    assert min(value for trace in charts(page)[0] if trace["x"] != [None] for value in trace["y"]) < 1e-11


def test_the_theory_is_drawn_when_it_is_opened(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(f"/activations?{SMALL}")
    assert len(charts(page)) == 2
    with rerun(page):
        page.get_by_text("Theory: what a very wide network does").click()
    assert {trace["name"] for trace in charts(page)[2]} >= {trace.name for trace in propagate(DepthSpec()).traces}


def test_a_repair_is_predicted_made_and_compared_by_keyboard(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/activations?view=repair&steps=50")
    page.get_by_role("radio", name="Lower").press("Space")
    with rerun(page):
        page.get_by_role("switch", name="Scale the last layer down").press("Space")
    assert "head=1" in page.url
    expect(page.get_by_text("You expected: lower.")).to_be_visible()
    found = repair(settings(page).only(RepairSpec))
    drawn = {trace["name"]: trace["y"] for trace in charts(page)[0] if trace["x"] != [None]}
    assert drawn["Your network"] == pytest.approx(found.own.losses.tolist(), rel=1e-3)


def test_a_claim_leads_to_its_experiment_by_keyboard(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/activations?view=claims")
    with rerun(page):
        page.get_by_role("button", name="See it").first.press("Enter")
    assert settings(page).only(DepthSpec).schemes[0].activation == "sigmoid"
    expect(page.locator(".lab-plot").first).to_be_visible()


def test_a_head_of_the_table_sorts_the_functions(open_page: OpenPage) -> None:
    page = open_page("/activations?view=functions")
    first = page.locator(".lab-table tbody th").first
    expect(first).to_have_text("ReLU")
    page.get_by_role("button", name="Gradient left").press("Enter")
    expect(first).to_have_text("Sigmoid")


VIEWS = ("Functions", "Order and chaos", "Training", "Repair it", "Claims")
"""The views in the order of their choice, after the first one."""


def test_axe_finds_no_violation(
    open_page: OpenPage, in_both_themes: InBothThemes, axe: Callable[[Page], list[dict[str, Any]]], rerun: Rerun
) -> None:
    page = open_page("/activations")
    with rerun(page):
        page.get_by_text("Theory: what a very wide network does").click()
    for view in ("", *VIEWS):
        if view:
            with rerun(page):
                page.get_by_role("radio", name=view, exact=True).click()
        for _ in in_both_themes(page):
            assert axe(page) == [], view


def test_a_phone_shows_every_view_without_sideways_scroll(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/activations", width=390, height=844)
    for view in ("", *VIEWS):
        if view:
            with rerun(page):
                page.get_by_role("radio", name=view, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, view
        if view != "Claims":
            expect(page.locator(".lab-plot").first).to_be_visible()
