"""From a slider's release to the repainted charts in headless Chromium: a median of 500 ms.

Four optimizers, 200 steps. Each change is to a rate not seen before, so that nothing comes out of a cache.
"""

import tempfile
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page

from benchmarks._report import Figure, report
from tests.browser.app import WAIT_MS, chromium, served, settled

LINK = "/surfaces?lanes=sgd~momentum~rmsprop~adam_lr_0.001&steps=200"
CHANGES = 20

WATCH = """() => {
  const charts = [...document.querySelectorAll(".lab-chart")];
  const shown = () => charts.map((chart) => chart.dataset.drawn + chart.querySelector(".lab-plot").ariaLabel);
  const before = shown();
  window.repaint = new Promise((resolve) => addEventListener("pointerup", () => {
    const released = performance.now();
    const look = () => shown().every((now, index) => now !== before[index])
      ? requestAnimationFrame(() => resolve(performance.now() - released))
      : requestAnimationFrame(look);
    look();
  }, { once: true, capture: true }));
}"""
"""Sets ``repaint``: milliseconds from the next release to the frame after both charts, whose texts name the results,
have been drawn anew."""


def change(page: Page) -> float:
    """Drag Adam's rate a stop or two up and return the milliseconds to the new picture."""
    slider = page.get_by_test_id("stSlider").nth(3)
    thumb = slider.get_by_role("slider").locator("xpath=ancestor::*[contains(@style, 'left')][1]")
    box = thumb.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(WATCH)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 4, y, steps=2)
    page.mouse.up()
    taken: float = page.evaluate("repaint")
    settled(page)
    return taken


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "log") as app, chromium() as browser:
        page = browser.new_page(base_url=app.address)
        page.set_default_timeout(WAIT_MS)
        page.goto(LINK)
        settled(page)
        change(page)
        times = [change(page) for _ in range(CHANGES)]
        conditions = f"Headless Chromium {browser.version}; app and browser share the cores."
    report(
        __file__,
        [
            Figure(f"Release to repainted charts, median of {CHANGES}", median(times), "ms", 500),
            Figure("nine of ten within", quantiles(times, n=10)[-1], "ms"),
        ],
        conditions,
    )


if __name__ == "__main__":
    main()
