"""The first picture of the surfaces page appears within 6 s on a cold server, and within 2 s on a warm server.

Cold: the server has just answered its first health check, and the visitor's browser has no files of the lab. Warm: the
visitor was here before, so the browser has the frontend's files and requests only the page. The report also has the
time of a new visitor to a warm server, whose browser must fetch and compile all of Streamlit and Plotly.

The browser's own clock measures the time from the request to the mark that the first drawn chart sets. No developer
tools are attached until then. If they are, V8 parses a large script once more for each stack that the tools record, and
Plotly's script alone took 1.3 s instead of 0.7 s.
"""

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import Request

from playwright.sync_api import sync_playwright

from benchmarks._report import Figure, report
from tests.browser.app import CHROMIUM_ARGUMENTS, served

STARTS = 5
UNDISTURBED = 10
"""Seconds that a page is left alone before its mark is read."""

DRAWN = "performance.getEntriesByName('lab-drawn')[0].startTime / 1000"


class Visitor:
    """A browser whose cache is empty at first. port: the port where the browser takes commands."""

    def __init__(self, port: int):
        self.devtools = f"http://127.0.0.1:{port}"

    def seconds_to_picture(self, address: str) -> float:
        """Open ``address`` in a new tab, leave it alone, and read when its first chart was drawn."""
        tab = json.loads(self.ask(f"new?{address}"))
        time.sleep(UNDISTURBED)
        with sync_playwright() as playwright:
            browser = playwright.chromium.connect_over_cdp(self.devtools)
            page = next(page for page in browser.contexts[0].pages if page.url.startswith(address))
            seconds: float = page.evaluate(DRAWN)
            browser.close()
        self.ask(f"close/{tab['id']}")
        return seconds

    def ask(self, what: str) -> bytes:
        answer: bytes = urllib.request.urlopen(Request(f"{self.devtools}/json/{what}", method="PUT")).read()
        return answer


@contextmanager
def visitor() -> Iterator[Visitor]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "This benchmark needs the system's Chromium."
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        arguments = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen([executable, *CHROMIUM_ARGUMENTS, *arguments], stderr=subprocess.DEVNULL)
        told = Path(profile) / "DevToolsActivePort"
        while not (told.exists() and told.read_text()):
            time.sleep(0.1)
        time.sleep(2)  # the browser is still starting, and would compete with the page
        try:
            yield Visitor(int(told.read_text().split()[0]))
        finally:
            process.terminate()
            process.wait(timeout=30)


def main() -> None:
    cold, new, again = [], [], []
    for _ in range(STARTS):
        with (
            tempfile.TemporaryDirectory() as folder,
            visitor() as first,
            visitor() as second,
            served(Path(folder) / "log") as app,
        ):
            address = f"{app.address}/surfaces"
            cold.append(first.seconds_to_picture(address))
            again.append(first.seconds_to_picture(address))
            new.append(second.seconds_to_picture(address))
    report(
        __file__,
        [
            Figure(f"Cold server, new visitor, median of {STARTS}", median(cold), "s", 6),
            Figure(f"Warm server, visitor who was here before, median of {STARTS}", median(again), "s", 2),
            Figure(f"Warm server, new visitor, median of {STARTS}", median(new), "s"),
        ],
        "Headless Chromium; app and browser share the cores.",
    )


if __name__ == "__main__":
    main()
