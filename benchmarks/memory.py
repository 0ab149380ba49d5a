"""The app's process stays below 600 MB, and grows by at most 5 MB per visitor over 50 visitors.

Each visitor has a session of its own. The visitor opens an experiment that nobody has seen, changes a rate, and leaves.
Sizes are those of the process's memory in RAM, as Linux reports them.
"""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext

from benchmarks._report import Figure, report
from tests.browser.app import WAIT_MS, App, chromium, served, settled

VISITORS = 50


def megabytes(app: App, line: str) -> float:
    """The memory of the app's process: VmRSS (now) or VmHWM (the most so far)."""
    found = re.search(rf"{line}:\s+(\d+) kB", Path(f"/proc/{app.pid}/status").read_text())
    assert found
    return int(found[1]) / 1000


def visit(context: BrowserContext, number: int) -> None:
    page = context.new_page()
    page.goto(f"/surfaces?start={-1.5 + 0.02 * number:.6g}_2")
    settled(page)
    address = page.url
    page.get_by_role("slider", name="Learning rate").first.press("ArrowRight")
    page.wait_for_url(lambda url: url != address)
    settled(page)
    page.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "log") as app, chromium() as browser:
        start = megabytes(app, "VmRSS")
        context = browser.new_context(base_url=app.address, reduced_motion="reduce")
        context.set_default_timeout(WAIT_MS)
        sizes = []
        for number in range(VISITORS + 1):
            visit(context, number)
            sizes.append(megabytes(app, "VmRSS"))
        peak = megabytes(app, "VmHWM")
    report(
        __file__,
        [
            Figure("After the start", start, "MB"),
            Figure("After the first visitor", sizes[0], "MB"),
            Figure(f"After {VISITORS} more", sizes[-1], "MB"),
            Figure("The most at any time", peak, "MB", 600),
            Figure("Growth per visitor", (sizes[-1] - sizes[0]) / VISITORS, "MB", 5),
        ],
    )


if __name__ == "__main__":
    main()
