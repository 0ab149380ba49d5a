"""Take the pictures of the README and of the home page's cards from a running app.

PYTHONPATH=. python scripts/pictures.py http://localhost:8501
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import FloatRect, Page, sync_playwright

from pages.ui.menu import ENTRIES

ROOT = Path(__file__).parents[1]
LATE_IN_THE_RACE = (
    "Number(document.querySelector('.lab-scrub').value) >= 0.6 * document.querySelector('.lab-scrub').max"
)

CARD = "view=solid&surface=himmelblau&start=0_-1&lanes=sgd_lr_0.005~adam_lr_0.2&steps=100"
"""The experiment on the card of the surfaces page."""


def visit(page: Page, address: str) -> None:
    """Open ``address``, and stop its race when most of the race has run."""
    page.goto(address)
    page.wait_for_function(
        f"document.querySelector('.lab-chart[data-drawn][data-playing=true]') && {LATE_IN_THE_RACE}"
        " && (document.querySelector('.lab-play').click(), true)",
        timeout=60_000,
    )


def shoot_cards(page: Page, address: str, theme: str) -> None:
    """Take the pictures of the home page's cards, all in the shape of the first one, and that of the poster."""
    visit(page, address)
    shot(page, "home", theme, box(page, ".lab-plot"))
    visit(page, f"{address}/surfaces?{CARD}")
    stage = box(page, ".lab-plot")
    stage |= {"y": stage["y"] + 40, "height": stage["height"] - 90}
    shot(page, "surfaces", theme, stage)
    shape = stage["height"] / stage["width"]
    visit(page, f"{address}/residuals")
    curves = box(page, ".lab-plot")
    # The part of the chart from its legend on. It ends above the axis' name.
    shot(page, "residuals", theme, curves | {"height": curves["width"] * shape})
    visit(page, f"{address}/activations?view=plane")
    plane = box(page, ".lab-plot")
    shot(page, "activations", theme, plane | {"height": plane["width"] * shape})
    visit(page, f"{address}/race")
    page.locator(".lab-scrub").first.press("End")
    rows = box(page, ".lab-gallery")
    height = rows["width"] * shape
    shot(page, "race", theme, rows | {"y": rows["y"] + rows["height"] - height, "height": height})


def box(page: Page, selector: str) -> FloatRect:
    found = page.locator(selector).first.bounding_box()
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
            for entry in ENTRIES:
                visit(page, f"{address}/{entry.address}")
                page.screenshot(path=ROOT / "docs" / f"{entry.address or 'home'}-{theme}.png")
            shoot_cards(page, address, theme)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
