"""Numbers are read as people type them, in the browser of any language."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Rerun


def enter(page: Page, rerun: Rerun, name: str, text: str) -> None:
    box = page.get_by_role("textbox", name=name, exact=True)
    box.fill(text)
    with rerun(page):
        box.press("Enter")


@pytest.mark.parametrize(
    ("locale", "text"),
    [("de-DE", "0,5"), ("fa-IR", "۰٫۵"), ("zh-CN", "０．５"), ("en-US", "1/2"), ("en-US", "5*10^-1")],
)
def test_half_is_half_in_every_language(open_page: OpenPage, rerun: Rerun, locale: str, text: str) -> None:
    page = open_page("/residuals?depth=6&width=8", locale=locale)
    enter(page, rerun, "Weight scale", text)
    expect(page).to_have_url(re.compile(r"gain=0\.5(&|$)"))
    expect(page.get_by_role("textbox", name="Weight scale", exact=True)).to_have_value("0.5")


@pytest.mark.parametrize(
    ("locale", "text"),
    [("de-DE", "0.5*x² + y²"), ("fa-IR", "۰٫۵*x^۲+y^۲"), ("zh-CN", "０．５＊x^２＋y^２")],
)
def test_a_formula_is_read_in_every_language(open_page: OpenPage, rerun: Rerun, locale: str, text: str) -> None:
    page = open_page("/surfaces?surface=own&steps=30", locale=locale)
    enter(page, rerun, "f(x, y)", text)
    expect(page.locator("annotation").filter(has_text="f = 0.5 x^{2} + y^{2}").first).to_be_attached()


def test_a_number_that_can_be_two_is_kept_and_refused(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/residuals?depth=6&width=8")
    enter(page, rerun, "Width", "1,5")
    expect(page.get_by_text("is not a whole number")).to_be_visible()
    expect(page.get_by_role("textbox", name="Width", exact=True)).to_have_value("1,5")
    expect(page).to_have_url(re.compile("width=8"))


def test_buttons_and_arrow_keys_make_steps_and_an_emptied_box_is_filled(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/residuals?depth=6&width=8")
    box = page.get_by_role("textbox", name="Width", exact=True)
    with rerun(page):
        page.get_by_role("button", name="More: Width").click(click_count=3)
    expect(box).to_have_value("11")
    with rerun(page):
        box.press("ArrowDown")
    expect(box).to_have_value("10")
    box.fill("")
    box.press("Enter")
    expect(box).to_have_value("10")
    box.fill("99")
    box.press("Escape")
    expect(box).to_have_value("10")


@pytest.mark.parametrize("locale", ["de-DE", "fa-IR", "zh-CN"])
@pytest.mark.parametrize("path", ["/", "/surfaces?surface=own&formula=x%5E2%2By%5E2&steps=30", "/race"])
def test_every_page_works_in_a_browser_of_another_language(open_page: OpenPage, locale: str, path: str) -> None:
    page = open_page(path, locale=locale)
    expect(page.locator(".lab-plot").first).to_be_visible()
