"""Take the pictures of the README and of the home page's cards from a running app.

PYTHONPATH=. python scripts/pictures.py http://localhost:8501
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import FloatRect, Page, sync_playwright

from pages.ui.menu import ENTRIES
from tests.browser.app import settled

ROOT = Path(__file__).parents[1]
LATE_IN_THE_RACE = """() => {
  if (![...document.querySelectorAll(".lab-chart")].every((chart) => chart.dataset.drawn)) return false;
  const slider = document.querySelector(".lab-scrub");
  if (!slider) return false;
  slider.value = 0.7 * slider.max;
  slider.dispatchEvent(new Event("input"));
  return true;
}"""
"""Once every chart is drawn, moves the player to where most of the race has run, and stops it there."""

CARD = "view=solid&surface=himmelblau&start=0_-1&lanes=sgd_lr_0.005~adam_lr_0.2&steps=100"
"""The experiment on the card of the surfaces page."""

TALL = 380
"""The height of the charts on the cards, in pixels."""

ROWS = 5
"""The number of rows of digits on the card of the race: the last ones. They are about as high as the charts."""


def visit(page: Page, address: str) -> None:
    """Open ``address``. If it has a race, stop it when most of the race has run."""
    page.goto(address)
    page.wait_for_selector(".lab-chart[data-drawn]")
    if page.locator(".lab-play").count():
        page.wait_for_function(LATE_IN_THE_RACE, timeout=60_000)


def shoot_cards(page: Page, address: str, theme: str) -> None:
    """Take the pictures of the home page's cards, which show whole charts or rows, and that of the poster."""
    visit(page, address)
    shot(page, "home", theme, box(page, ".lab-plot"))
    shown = {"surfaces": (CARD, 0), "residuals": ("", 0), "activations": ("view=plane", 0), "attention": ("", 2)}
    for name, (query, place) in shown.items():
        visit(page, f"{address}/{name}?{query}")
        settled(page)
        chart = f"document.querySelectorAll('.lab-chart')[{place}]"
        page.evaluate(f"{chart}.style.setProperty('--lab-height', '{TALL}px')")
        page.wait_for_function(f"{chart}.querySelector('.js-plotly-plot')._fullLayout.height === {TALL}")
        shot(page, name, theme, box(page, ".lab-plot", place))
    visit(page, f"{address}/race")
    page.locator(".lab-scrub").first.press("End")
    rows, first = box(page, ".lab-gallery"), box(page, f".lab-gallery-row:nth-last-child({ROWS})")
    shot(page, "race", theme, rows | {"y": first["y"], "height": rows["y"] + rows["height"] - first["y"]})


def box(page: Page, selector: str, place: int = 0) -> FloatRect:
    found = page.locator(selector).nth(place).bounding_box()
    assert found
    return found


def shot(page: Page, name: str, theme: str, clip: FloatRect) -> None:
    page.screenshot(path=ROOT / "static" / f"{name}-{theme}.png", clip=clip)


def main(address: str) -> None:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        for theme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 820}, color_scheme=theme)
            shoot_cards(page, address, theme)  # first: the picture of the home page shows them
            for entry in ENTRIES:
                visit(page, f"{address}/{entry.address}")
                page.screenshot(path=ROOT / "docs" / f"{entry.address or 'home'}-{theme}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
