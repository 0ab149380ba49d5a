"""The race page in a real browser: a recording in motion, a race of one's own, and the link that shares this race."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import HAS_PLAYED, InBothThemes, OpenPage

OWN = "/race?show=own&data=curves&images=200&batch=20&width=0.02&look=0&lanes=adam_lr_0.01~locopropm"
LOSSES = """() => (document.querySelector(".js-plotly-plot")?._fullData ?? [])
    .filter((trace) => trace.meta?.path).map((trace) => [trace.name, Array.from(trace.y)])"""
INK = """() => [...document.querySelectorAll(".lab-gallery canvas")].map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, value) => sum + value, 0);
})"""


def losses(page: Page) -> list[Any]:
    """The name of each lane in the chart, and its loss by epoch."""
    drawn: list[Any] = page.evaluate(LOSSES)
    return drawn


def test_it_opens_on_a_recorded_race_in_motion(open_page: OpenPage) -> None:
    page = open_page("/race", motion=True)
    page.wait_for_function(HAS_PLAYED)
    assert page.url.endswith("/race")
    assert len(losses(page)) == 7
    page.get_by_label("Step", exact=True).first.press("Home")
    expect(page.locator(".lab-step").first).to_have_text("epoch 0 of 4")
    before = page.evaluate(INK)
    page.get_by_label("Step", exact=True).first.press("End")
    expect(page.locator(".lab-step").first).to_have_text("epoch 4 of 4")
    after = page.evaluate(INK)
    assert before[0] == after[0] and before[1:] != after[1:]  # the originals do not change, the reconstructions do


def test_the_verdicts_stand_side_by_side_above_the_charts_and_on_a_phone_below_one_another(open_page: OpenPage) -> None:
    for width, places in ((1280, 1), (390, 3)):
        page = open_page("/race", width=width, height=844)
        boxes = [
            page.get_by_text(re.compile(f"^{by}: Adam × 8")).first.bounding_box()
            for by in ("Per epoch", "By the clock", "At equal compute")
        ]
        tops = [box["y"] for box in boxes if box]
        chart = page.locator(".lab-plot").first.bounding_box()
        assert chart and max(tops) < chart["y"] and len(set(tops)) == places


def test_one_axis_after_another(open_page: OpenPage, rerun: Callable[[Page], Any]) -> None:
    page = open_page("/race")
    for name, title in (("Seconds", "Seconds of training"), ("Operations", "Operations, in gradients of a batch")):
        with rerun(page):
            page.get_by_role("radio", name=name).click()
        assert page.evaluate("document.querySelector('.js-plotly-plot').layout.xaxis.title.text") == title
    assert page.url.endswith("axis=gradients")


def test_by_the_clock_each_lane_plays_in_its_own_time(open_page: OpenPage) -> None:
    page = open_page("/race?axis=seconds")
    drawn = page.evaluate("""() => {
        const scrub = document.querySelector(".lab-scrub");
        scrub.value = scrub.max / 3;
        scrub.dispatchEvent(new Event("input"));
        const paths = document.querySelector(".js-plotly-plot")._fullData.filter((trace) => trace.meta?.path);
        return {
            place: Number(scrub.value),
            paths: paths.map((path) => [Array.from(path.x), Array.from(path.y)]),
            told: [...document.querySelectorAll(".lab-gallery small")].slice(1).map((caption) => caption.textContent),
        };
    }""")
    reached = [
        [loss for seconds, loss in zip(x, y, strict=True) if seconds <= drawn["place"]] for x, y in drawn["paths"]
    ]
    assert drawn["told"] == [f"{losses[-1]:.1f}" for losses in reached]
    assert len({len(losses) for losses in reached}) > 1  # the cheap lanes have finished, the others have not
    expect(page.locator(".lab-step").first).to_have_text(re.compile(r"^second [\d.]+ of [\d.]+$"))


def test_each_view_shows_its_picture(open_page: OpenPage, rerun: Callable[[Page], Any]) -> None:
    page = open_page("/race")
    for name, alt in (
        ("Costs", "Cost of a step"),
        ("Local losses", "loss"),
        ("Timeline", "step"),
        ("Layers", "Cosine with K-FAC"),
    ):
        with rerun(page):
            page.get_by_role("radio", name=name, exact=True).click()
        expect(page.locator(".lab-plot").last).to_have_attribute("aria-label", re.compile(alt))


def test_a_race_is_watched_and_cancelled(open_page: OpenPage) -> None:
    page = open_page(f"{OWN}&epochs=300")
    faint = page.get_by_text("Shown faintly")  # until the race has an epoch, a recorded one stands there
    expect(faint).to_be_visible()
    expect(page.locator(".lab-plot").first).to_have_attribute("aria-label", re.compile("LocoProp-S"))
    page.get_by_role("button", name="Start this race").click()
    seen: list[Any] = []
    for _ in range(2):
        page.wait_for_function(f"({LOSSES})()[1]?.[1].length > {len(seen[1][1]) if seen else 0}")
        before, seen = seen, losses(page)
        for (name, curve), (known, start) in zip(seen, before, strict=False):
            assert (name, curve[: len(start)]) == (known, start)
    expect(faint).to_have_count(0)
    page.goto("/race")
    page.get_by_role("button", name="Your race runs").click()  # the race is still theirs in a new session
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("This race was cancelled after")).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


def test_the_link_of_a_finished_race_shows_the_same_race_to_someone_else(
    open_page: OpenPage, settle: Callable[[Page], None]
) -> None:
    page = open_page(f"{OWN}&epochs=3")
    page.get_by_role("button", name="Start this race").click()
    page.wait_for_function(f"({LOSSES})()[1]?.[1].length == 4")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    settle(page)
    other = open_page(page.url.removeprefix(page.url.split("/race")[0]), elsewhere=True)
    assert losses(other) == losses(page)
    expect(other.get_by_role("button", name="Start this race")).to_have_count(0)


def test_axe_finds_no_violation(
    open_page: OpenPage, in_both_themes: InBothThemes, axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    for path in ("/race?view=losses", "/race?lesson=recorded-two-minutes", OWN):
        page = open_page(path)
        for _ in in_both_themes(page):
            assert axe(page) == []


def test_a_phone_shows_the_race(open_page: OpenPage) -> None:
    page = open_page("/race", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator(".lab-plot").first).to_be_in_viewport()
