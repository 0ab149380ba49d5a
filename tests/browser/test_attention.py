"""The attention page in a real browser: a cell that is clicked, arrow keys, a typed word, both themes, and a phone."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from engine.attention import HeadsSpec, heads
from tests.browser.conftest import InBothThemes, OpenPage, Rerun
from tests.browser.reading import address

PLACE = """([number, x, y]) => {
  const plot = document.querySelectorAll(".js-plotly-plot")[number];
  const { left, top } = plot.getBoundingClientRect();
  const { xaxis, yaxis } = plot._fullLayout;
  return [left + xaxis._offset + xaxis.d2p(x), top + yaxis._offset + yaxis.d2p(y)];
}"""
"""Where a point of a chart is on the screen, in pixels."""

SMALL_MAPS, LARGE_MAP = 0, 2


def click(page: Page, number: int, x: float, y: float) -> None:
    page.mouse.click(*page.evaluate(PLACE, [number, x, y]))


def said(page: Page, **settings: Any) -> None:
    """Fails unless the page states the finding of these settings."""
    expect(page.get_by_text(heads(HeadsSpec(**settings)).finding())).to_be_visible()


def test_a_clicked_cell_tells_its_sum_and_the_arrow_keys_move_on(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/attention?text=stairstair")
    with rerun(page):
        click(page, LARGE_MAP, 3, 8)
    assert address(page) == "/attention?text=stairstair&query=9&key=4"
    said(page, text="stairstair", query=9, key=4)
    plot = page.locator(".js-plotly-plot").nth(LARGE_MAP)
    plot.focus()
    with rerun(page):
        plot.press("ArrowDown")
    assert address(page).endswith("query=10&key=4")
    with rerun(page):
        plot.press("ArrowRight")
    said(page, text="stairstair", query=10, key=5)


def test_a_click_on_a_small_map_shows_it_large(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/attention")
    with rerun(page):
        click(page, SMALL_MAPS, 30, 5)
    expect(page.get_by_text("Layer 1, head 2").first).to_be_visible()
    assert address(page) == "/attention?layer=1&head=2"


def test_a_typed_date_is_answered_and_a_letter_without_a_meaning_is_named(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/attention?model=dates&part=cross&layer=1")
    box = page.get_by_role("textbox", name="Text")
    with rerun(page):
        box.fill("7 june 1999")
        box.press("Enter")
    rows = page.evaluate("[...document.querySelectorAll('.js-plotly-plot')[2].layout.yaxis.ticktext].join('')")
    assert rows == "▷1999-06-07"
    with rerun(page):
        box.fill("7 июня 1999")
        box.press("Enter")
    expect(page.get_by_text("cyrillic small letter i").first).to_be_visible()
    assert "7+june" in address(page) or "7%20june" in address(page)


def test_axe_finds_no_violation(
    open_page: OpenPage, in_both_themes: InBothThemes, axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    page = open_page("/attention")
    for _ in in_both_themes(page):
        assert axe(page) == []


def test_nothing_sticks_out_of_a_phone(open_page: OpenPage) -> None:
    page = open_page("/attention?model=dates&part=cross&layer=1", width=390, height=844)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    expect(page.locator(".lab-plot").first).to_be_visible()
