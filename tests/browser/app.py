"""The app in a process of its own, and a Chromium that visits it. Browser tests and benchmarks use both."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
WAIT_MS = 60_000

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--enable-unsafe-swiftshader",
]
"""No background requests, and WebGL in software, so that the machine needs no graphics card.

``--use-angle=swiftshader`` would also compose the whole page in software, at 7 to 10 frames per second. These arguments
give 60.
"""

SETTLED = """
() => new Promise((resolve) => {
  let frames = 0, since = 0, before = "";
  const look = (now) => {
    const app = document.querySelector("[data-testid=stApp]");
    const charts = [...document.querySelectorAll(".lab-chart")].map((chart) => chart.dataset.drawn ?? "");
    const idle =
      app?.dataset.testConnectionState === "CONNECTED" &&
      app.dataset.testScriptState === "notRunning" &&
      !document.querySelector("[data-stale=true], [data-testid=stSkeleton]") &&
      charts.every(Boolean);
    frames = idle && charts.join() === before ? frames + 1 : 0;
    if (frames === 0) since = now;
    before = charts.join();
    frames >= 3 && now - since >= 250 ? resolve(true) : requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
"""
"""Resolves when the script has not run and no chart has been repainted for 250 ms and at least three frames.

The frames are counted too, because a slow drawing delays the frames but not the clock.
"""


@dataclass(frozen=True)
class App:
    """A running app. address: "http://127.0.0.1:port", followed by the path under which the app is served."""

    address: str
    pid: int


@contextmanager
def served(log: Path, path: str = "") -> Iterator[App]:
    """The app, which answers requests. Its output goes to ``log``. Raises AssertionError if the app does not start.

    path: the path that its own configuration gives it, such as "/lab".
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address=127.0.0.1"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", f"--server.baseUrlPath={path}"],
            cwd=ROOT,
            env=os.environ | {"GRADIENT_LAB_HOME": str(log.parent / "home")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}{path}"
            await_health(process, address)
            yield App(address, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def await_health(process: subprocess.Popen[bytes], address: str) -> None:
    """Return when the server answers. Raises AssertionError if the server ends earlier or takes too long."""
    for _ in range(START_SECONDS * 5):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5)
        except OSError:  # refused before the app listens, timed out while it imports
            try:
                process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError("The app ended before it had started.") from None
        return
    raise AssertionError(f"The app did not start within {START_SECONDS} seconds.")


PROGRAM: dict[str, Any] = {
    "executable_path": shutil.which("chromium") or shutil.which("google-chrome"),
    "args": CHROMIUM_ARGUMENTS,
}
"""The browser to launch: the system's Chromium, or else Playwright's."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that has never seen the app."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**PROGRAM)
        yield browser
        browser.close()


def settled(page: Page) -> None:
    """Return when the script has run, and every chart has been drawn and does not change."""
    page.wait_for_function(f"({SETTLED})()", timeout=WAIT_MS)
