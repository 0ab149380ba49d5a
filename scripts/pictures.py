"""Take the pictures of the README and of the home page's cards from a running app.

PYTHONPATH=. python scripts/pictures.py http://localhost:8501
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

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
        f"document.querySelector('.lab-chart[data-drawn][data-playing=true]') && {LATE_IN_THE_RACE}", timeout=60_000
    )
    page.get_by_role("button", name="Pause").first.click()


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
        visit(page, f"{address}/surfaces?{CARD}")
        stage = page.locator(".lab-plot").first.bounding_box()
        assert stage
        stage |= {"y": stage["y"] + 40, "height": stage["height"] - 90}
        page.screenshot(path=ROOT / "static" / "surfaces.png", clip=stage)
        visit(page, f"{address}/residuals")
        curves = page.locator(".lab-plot").first.bounding_box()
        assert curves
        # The part of the chart from above its legend, in the shape of the first card. It ends above the axis' name.
        curves |= {"y": curves["y"] - 16, "height": curves["width"] * stage["height"] / stage["width"]}
        page.screenshot(path=ROOT / "static" / "residuals.png", clip=curves)
        visit(page, f"{address}/race")
        page.locator(".lab-scrub").first.press("End")
        rows = page.locator(".lab-gallery").bounding_box()
        assert rows
        # The lower part of the gallery, in the shape of the first card.
        height = rows["width"] * stage["height"] / stage["width"]
        rows |= {"y": rows["y"] + rows["height"] - height, "height": height}
        page.screenshot(path=ROOT / "static" / "race.png", clip=rows)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
