"""After a visitor changes a setting, the charts are repainted within 500 ms (median, in headless Chromium).

Loss surfaces: four optimizers, 200 steps, and Adam's rate is dragged. Residual connections: 20 layers, and one unit is
added to their width. Activations: another distribution of the inputs is clicked in "Functions", and one unit is added
to the width of 20 layers of 64 in "Through depth". Both may take as long as the surfaces in the same run. Each change
leads to new settings, so that no result comes from a cache.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import random
from statistics import median, quantiles

from playwright.sync_api import Page

from benchmarks._report import Figure, report
from tests.browser.app import WAIT_MS, chromium, served, settled
from tests.browser.reading import place

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
"""Sets ``repaint``: milliseconds from the next release to the frame after all charts have been drawn again."""


def drag_rate(page: Page) -> None:
    """Drag Adam's rate up by one or two stops."""
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


def widen(page: Page) -> None:
    """Add a unit to each layer."""
    button = page.get_by_role("button", name="More: Width")
    page.evaluate(WATCH)
    button.click()


def spread(page: Page) -> None:
    """Click a distribution of the inputs that has not been shown before."""
    page.evaluate(WATCH)
    page.mouse.click(*place(page, 1, 0.5 + 2 * random()))


PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "Loss surfaces": ("/surfaces?lanes=sgd~momentum~rmsprop~adam_lr_0.001&steps=200", drag_rate),
    "Residual connections": ("/residuals?depth=20", widen),
    "Activations, functions": ("/activations?view=functions", spread),
    "Activations, through depth": ("/activations?depth=20&width=64", widen),
}
"""Page -> the link that is opened, and the change that is made."""


def repaint(page: Page, change: Callable[[Page], None]) -> float:
    """Milliseconds from the release at the end of ``change`` to the new picture."""
    change(page)
    taken: float = page.evaluate("repaint")
    settled(page)
    return taken


def main() -> None:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "log") as app, chromium() as browser:
        for name, (link, change) in PAGES.items():
            page = browser.new_page(base_url=app.address)
            page.set_default_timeout(WAIT_MS)
            page.goto(link)
            settled(page)
            repaint(page, change)
            times = [repaint(page, change) for _ in range(CHANGES)]
            limit = figures[0].value if name.startswith("Activations") else 500
            figures += [
                Figure(f"{name}: release to repainted charts, median of {CHANGES}", median(times), "ms", limit),
                Figure("nine of ten within", quantiles(times, n=10)[-1], "ms"),
            ]
            page.close()
        conditions = f"Headless Chromium {browser.version}; app and browser share the cores."
    report(__file__, figures, conditions)


if __name__ == "__main__":
    main()
