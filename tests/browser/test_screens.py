"""From a phone to a projector: the picture is on the first screen, and everything can be read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.figures.style import FONT
from tests.browser.conftest import OpenPage, Rerun
from tests.browser.reading import question

SMALLEST = """() => Math.min(...[...document.querySelectorAll(".stMain *")]
  .filter((e) => [...e.childNodes].some((part) => part.nodeType === 3 && /\\S/.test(part.textContent)))
  .filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((e) => !e.closest("style, .katex-mathml") && e.getBoundingClientRect().width > 1)
  .filter((e) => /[^\\u200b]/.test(e.textContent))
  .map((e) => parseFloat(getComputedStyle(e).fontSize)))"""
"""The size of the smallest text that can be seen on the page, in pixels."""

WIDE, HIGH = 390, 844  # pixels of a phone

TICKS = """() => [...document.querySelectorAll(".js-plotly-plot :is(.xtick, .ytick, .cbaxis) text")]
  .map((tick) => parseFloat(getComputedStyle(tick).fontSize))"""


def test_on_a_phone_the_panel_does_not_cover_the_next_page(open_page: OpenPage, settle: Callable[[Page], None]) -> None:
    page = open_page("/surfaces", width=WIDE, height=HIGH)
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.locator(".stSidebar")).to_have_attribute("data-collapsed", "false")
    page.locator(".st-key-menu").get_by_role("link", name="Residuals").evaluate("link => link.click()")
    page.wait_for_url("**/residuals")
    settle(page)
    expect(page.locator(".stSidebar")).to_have_attribute("data-collapsed", "true")


@pytest.mark.parametrize("path", ["/", "/surfaces", "/activations", "/residuals", "/race"])
def test_on_a_phone_the_picture_is_on_the_first_screen(open_page: OpenPage, rerun: Rerun, path: str) -> None:
    """As the page opens, while a preset asks, and beside its explanation."""
    page = open_page(path, width=WIDE, height=HIGH)

    def seen() -> bool:
        page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
        box = page.locator(".lab-stage").first.bounding_box()
        assert page.evaluate("document.documentElement.scrollWidth") == WIDE
        return box is not None and box["y"] + box["height"] <= HIGH

    assert seen()
    if path == "/":
        return
    presets = page.locator("[class*=-preset] .stButtonGroup").first.locator("button")
    with rerun(page):
        presets.nth(1).click()
    assert seen()
    with rerun(page):
        question(page).get_by_role("button").first.click()
    if (compare := question(page).get_by_role("button", name="Compare")).count():
        with rerun(page):
            compare.click()
    assert seen()
    more = page.locator(".lab-unfold")
    text = page.locator(".st-key-lab-fold p").first
    folded = text.bounding_box()
    more.click()
    whole = text.bounding_box()
    assert folded and whole and whole["height"] > folded["height"]


@pytest.mark.parametrize("path", ["/surfaces", "/residuals", "/activations"])
def test_powers_of_ten_are_as_large_as_other_ticks(open_page: OpenPage, path: str) -> None:
    assert set(open_page(path).evaluate(TICKS)) == {FONT}


@pytest.mark.parametrize("path", ["/surfaces", "/surfaces?view=solid", "/activations", "/residuals", "/race"])
def test_the_last_row_can_read_everything(open_page: OpenPage, path: str) -> None:
    page = open_page(f"{path}{'&' if '?' in path else '?'}present=1", width=1920, height=1080)
    assert page.evaluate(SMALLEST) >= 18
    expect(page.locator(".stSidebar")).to_be_hidden()
    player = page.locator(".lab-player").first.bounding_box()
    assert player and player["y"] + player["height"] <= 1080


def test_the_button_begins_and_ends_the_presentation(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces")
    with rerun(page):
        page.get_by_role("button", name="Present", exact=True).click()
    assert "present=1" in page.url
    with rerun(page):
        page.get_by_role("button", name="Leave the presentation").click()
    assert "present" not in page.url


def test_at_double_zoom_the_chart_and_its_player_are_seen_together(open_page: OpenPage) -> None:
    page = open_page("/surfaces", width=640, height=400)
    top = page.locator(".lab-stage").first.bounding_box()
    player = page.locator(".lab-player").first.bounding_box()
    assert top and player and player["y"] + player["height"] - top["y"] <= 400
