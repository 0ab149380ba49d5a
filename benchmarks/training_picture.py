"""A training that is started on the activations page shows its first picture within 5 s of the click.

The first training of a server also starts the processes that train. The later ones find them running.
"""

import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks._report import Figure, report
from tests.browser.app import WAIT_MS, chromium, served, settled

STARTS = 5

WATCH = """() => {
  const looks = () => document.querySelector(".js-plotly-plot")?._fullData
    .find(({ meta, x }) => meta?.path && x[0] !== null)?.x.length;
  window.picture = new Promise((resolve) => addEventListener("pointerup", () => {
    const clicked = performance.now();
    const look = () => looks() < 40
      ? requestAnimationFrame(() => resolve((performance.now() - clicked) / 1000))
      : requestAnimationFrame(look);
    look();
  }, { once: true, capture: true }));
}"""
"""Sets ``picture``: seconds from the click to a picture of fewer looks than the recorded training has."""


def picture(browser: Browser, address: str, seed: int) -> float:
    """Start the training that the view opens with, with another ``seed``, and cancel it when its picture is there."""
    page = browser.new_page(base_url=address)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"/activations?view=training&seed={seed}")
    settled(page)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Start this training").click()
    taken: float = page.evaluate("picture")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("This training was cancelled").wait_for()
    page.close()
    return taken


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "log") as app, chromium() as browser:
        first, *later = [picture(browser, app.address, seed) for seed in range(1, STARTS + 2)]
    report(
        __file__,
        [
            Figure("First training of a server: click to first picture", first, "s", 5),
            Figure(f"Later trainings: click to first picture, median of {STARTS}", median(later), "s", 5),
        ],
        f"Headless Chromium {browser.version}; app, training and browser share the cores.",
    )


if __name__ == "__main__":
    main()
