"""The surfaces page as visitors use it: their actions change the charts and the texts."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.surfaces import descend
from tests.browser.conftest import HAS_PLAYED, InBothThemes, OpenPage, Rerun
from tests.browser.reading import (
    SMALL,
    assert_drawn,
    await_frames,
    await_step_beyond,
    drag,
    experiment,
    paths,
    place,
    play,
    plot,
    rate,
    reasons,
    ring,
    step,
)


def test_the_race_is_in_motion_before_anything_is_clicked(open_page: OpenPage) -> None:
    page = open_page("/surfaces", motion=True)
    page.wait_for_function(HAS_PLAYED)
    assert_drawn(page)


def test_a_paused_race_stands_and_goes_on_from_there(open_page: OpenPage) -> None:
    page = open_page("/surfaces?steps=2000&lanes=sgd", motion=True)
    play(page).click()
    paused = step(page)
    await_frames(page)
    assert step(page) == paused < 2000
    play(page).click()
    await_step_beyond(page, paused)


def test_who_prefers_less_motion_sees_the_finished_race_and_can_move_to_any_step(open_page: OpenPage) -> None:
    page = open_page(SMALL, motion=False)
    expect(page.locator(".lab-step").first).to_have_text("step 60 of 60")
    expect(play(page)).to_have_accessible_name("Play")
    player = page.get_by_role("slider", name="Step", exact=True)
    for key, reached in [("Home", 0), ("End", 60), ("Home", 0), ("ArrowRight", 1)]:
        player.press(key)
        expect(page.locator(".lab-step").first).to_have_text(f"step {reached} of 60")
    await_frames(page)
    assert step(page) == 1


def test_the_player_answers_to_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page(SMALL)
    page.get_by_role("slider", name="Step", exact=True).press("End")
    page.keyboard.press("Shift+Tab")  # the button for one step back
    page.keyboard.press("Shift+Tab")
    expect(play(page)).to_be_focused()
    page.keyboard.press("Space")
    expect(play(page)).to_have_accessible_name("Pause")
    page.keyboard.press("Space")
    expect(play(page)).to_have_accessible_name("Play")


def test_a_rate_set_by_keyboard_changes_the_race_its_outcome_and_the_address(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    before = reasons(page)
    with rerun(page):
        rate(page).press("ArrowRight")
    assert experiment(page).lanes[0].lr == 0.0012
    assert_drawn(page)
    assert reasons(page) != before


def test_a_click_on_the_map_starts_the_race_there(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    before = reasons(page)
    x, y = -4.0, 7.0
    box = page.locator(".lab-plot").first.bounding_box()
    assert box
    left = plot(page, f"xaxis._offset + document.querySelector('.js-plotly-plot')._fullLayout.xaxis.d2p({x})")
    top = plot(page, f"yaxis._offset + document.querySelector('.js-plotly-plot')._fullLayout.yaxis.d2p({y})")
    with rerun(page):
        page.mouse.click(box["x"] + left, box["y"] + top)
    pixel = 20 / plot(page, "xaxis._length"), 20 / plot(page, "yaxis._length")
    start = experiment(page).origin()
    assert start[0] == pytest.approx(x, abs=pixel[0]) and start[1] == pytest.approx(y, abs=pixel[1])
    assert_drawn(page)
    assert reasons(page) != before


def test_the_start_is_dragged_and_the_race_begins_where_it_is_let_go(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    start, ends = experiment(page).origin(), (plot(page, "xaxis.range"), plot(page, "yaxis.range"))
    page.mouse.move(*place(page, *start))
    page.wait_for_function("document.querySelector('.lab-chart').dataset.cursor === 'grab'")
    drag(page, start, (-4.0, 7.0))
    assert experiment(page).origin() == start  # the race follows when the pointer lets go
    with rerun(page):
        page.mouse.up()
    assert experiment(page).origin() == pytest.approx((-4, 7), abs=0.2)
    assert ring(page) == pytest.approx(list(experiment(page).origin()))
    assert (plot(page, "xaxis.range"), plot(page, "yaxis.range")) == ends  # no zoom began
    assert_drawn(page)


def test_a_press_far_from_the_start_still_zooms(open_page: OpenPage) -> None:
    page = open_page(SMALL)
    before = experiment(page).origin()
    left, top = place(page, -5.0, 5.0)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 80, top + 80, steps=5)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.lab-chart').labChart.zoomed.size === 2")
    assert experiment(page).origin() == before and ring(page) == pytest.approx(list(before))


def test_a_click_on_the_relief_starts_the_race_at_the_point_it_named(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(f"{SMALL}&view=solid")
    box = page.locator(".lab-plot").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 20, y)
    page.mouse.move(x, y)
    named = page.locator(".hovertext").first
    named.wait_for(state="attached")
    point = re.search(r"x (\S+?)y (\S+?)f ", (named.text_content() or "").replace("−", "-"))
    assert point
    with rerun(page):
        page.mouse.click(x, y)
    assert experiment(page).start == pytest.approx((float(point[1]), float(point[2])), rel=1e-3)
    assert_drawn(page)


def test_zoom_outlives_a_change_of_rate(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    page.locator(".lab-plot").first.hover()
    page.get_by_role("button", name="Zoom in").first.click()
    page.wait_for_function("document.querySelector('.lab-chart').labChart.zoomed.size === 2")
    zoomed = plot(page, "xaxis.range"), plot(page, "yaxis.range")
    with rerun(page):
        rate(page).press("ArrowRight")
    assert_drawn(page)
    assert (plot(page, "xaxis.range"), plot(page, "yaxis.range")) == zoomed


def test_a_turned_relief_stays_turned_and_its_start_stays_put(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(f"{SMALL}&view=solid")
    eye, start = plot(page, "scene.camera.eye"), experiment(page).origin()
    box = page.locator(".lab-plot").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for shift in range(0, 90, 30):
        page.mouse.move(x + shift, y)
        await_frames(page, 2)
    page.mouse.up()
    page.wait_for_function(
        "eye => document.querySelector('.js-plotly-plot')._fullLayout.scene.camera.eye.x !== eye.x", arg=eye
    )
    turned = plot(page, "scene.camera.eye")
    with rerun(page):
        rate(page).press("ArrowRight")
    assert plot(page, "scene.camera.eye") == turned
    assert experiment(page).origin() == start
    assert_drawn(page)


def test_a_click_on_a_head_sorts_the_outcomes(open_page: OpenPage) -> None:
    page = open_page("/surfaces?surface=booth&lanes=sgd_lr_0.001~adam_lr_0.1~lbfgs~momentum_lr_0.001&steps=60")
    runs = descend(experiment(page)).runs
    given = [run.label for run in runs]
    by_loss = [run.label for run in sorted(runs, key=lambda run: run.columns["loss"][-1])]
    head = page.get_by_role("columnheader", name="Final loss")
    for wanted, direction in ((by_loss, "ascending"), (by_loss[::-1], "descending"), (given, None)):
        head.get_by_role("button").click()
        assert page.get_by_role("rowheader").all_inner_texts() == wanted
        assert head.get_attribute("aria-sort") == direction
    arrived = page.get_by_role("columnheader", name="Steps to tolerance").get_by_role("button")
    for _ in range(2):  # Absent values come last, in both directions of sorting.
        arrived.click()
        assert page.get_by_role("row").last.get_by_role("cell").nth(1).inner_text() == "–"


def test_an_optimizer_joins_and_leaves_the_race(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    box = page.get_by_role("combobox", name="Add an optimizer")
    box.fill("Lion")
    with rerun(page):
        box.press("Enter")
    assert list(paths(page)) == ["SGD", "Adam", "Lion"]
    assert_drawn(page)
    with rerun(page):
        page.get_by_role("button", name="SGD").first.click()
    with rerun(page):
        page.get_by_role("button", name="Remove").click()
    assert list(paths(page)) == ["Adam", "Lion"]
    assert_drawn(page)


def test_axe_finds_no_violation(
    open_page: OpenPage, rerun: Rerun, in_both_themes: InBothThemes, axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    page = open_page(SMALL)
    for _, button in zip(in_both_themes(page), ("SGD", "Take it home"), strict=True):
        assert axe(page) == []
        with rerun(page):
            page.get_by_role("button", name=button).first.click()
        assert axe(page) == []
        page.keyboard.press("Escape")


def test_a_phone_shows_the_race_and_opens_the_settings(open_page: OpenPage) -> None:
    page = open_page(SMALL, width=390, height=844)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator(".lab-plot").first).to_be_in_viewport()
    optimizer = page.get_by_role("button", name="SGD", exact=True)
    expect(optimizer).not_to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(optimizer).to_be_in_viewport()
