"""The first picture of the surfaces page: within 6 s on a cold server, within 2 s on a warm one.

Cold: the server has just answered its first health check and has served no page; the clock starts with the visitor's
request. Warm: a later visitor. Every visitor has an empty cache, so all of the frontend is fetched and compiled anew.
"""

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser

from benchmarks._report import Figure, report
from tests.browser.app import WAIT_MS, chromium, served

STARTS = 5
VISITORS = 3


def seconds_to_picture(browser: Browser, address: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    begin = perf_counter()
    page.goto(f"{address}/surfaces", wait_until="commit")
    page.wait_for_selector(".lab-chart[data-drawn]")
    taken = perf_counter() - begin
    context.close()
    return taken


def main() -> None:
    launched, cold, warm = [], [], []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        browser.new_context().close()
        for _ in range(STARTS):
            begin = perf_counter()
            with served(Path(folder) / "log") as app:
                ready = perf_counter() - begin
                cold.append(seconds_to_picture(browser, app.address))
                launched.append(ready + cold[-1])
                warm += [seconds_to_picture(browser, app.address) for _ in range(VISITORS)]
        conditions = f"Headless Chromium {browser.version}; app and browser share the cores."
    report(
        __file__,
        [
            Figure(f"Cold, from the first request, median of {STARTS} starts", median(cold), "s", 6),
            Figure("Cold, from the launch of the server", median(launched), "s"),
            Figure(f"Warm, median of {len(warm)} visitors", median(warm), "s", 2),
        ],
        conditions,
    )


if __name__ == "__main__":
    main()
