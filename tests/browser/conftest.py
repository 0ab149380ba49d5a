"""The ground of the browser tests: the app in a process of its own, Chromium, and pages that note what goes wrong.

A test takes ``open_page`` and, where it acts on the page, ``rerun`` and ``settle``. On failure the pages are kept as
pictures under ``shots/`` and the server's log is part of the report.
"""

import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.error import URLError

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "shots"
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
"""No calls home, and WebGL in software: the machine needs no graphics card. With ``--use-angle=swiftshader`` the whole
page would be composed that way too, at 7 to 10 frames a second where this gives 60."""

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
"""Resolves once nothing has run and no chart has been repainted for 250 ms, three frames at least: a slow drawing holds
up the frames, not the clock."""

log_key = pytest.StashKey[Path]()
failed_key = pytest.StashKey[bool]()


class OpenPage(Protocol):
    def __call__(
        self, path: str = "/", theme: Literal["light", "dark"] = "light", width: int = 1280, height: int = 800
    ) -> Page: ...


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[failed_key] = True
        if log_key in item.config.stash:
            report.sections.append(("Server log", item.config.stash[log_key].read_text()[-8_000:]))
    return report


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app's address, "http://127.0.0.1:port". Fails at the end if the app logged a traceback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("server") / "log.txt"
    pytestconfig.stash[log_key] = log
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address=127.0.0.1"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}"], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            await_health(process, address)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)
    assert "Traceback" not in log.read_text(), f"The app logged an error:\n{log.read_text()}"


def await_health(process: subprocess.Popen[bytes], address: str) -> None:
    """Return once the server answers. Raises AssertionError where it ends before, or takes too long."""
    for _ in range(START_SECONDS * 5):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5)
        except URLError:
            try:
                process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError("The app ended before it had started.") from None
        return
    raise AssertionError(f"The app did not start within {START_SECONDS} seconds.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def sockets() -> dict[Page, WebSocket]:
    """The connection of each page to the app's session."""
    return {}


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, server: str, sockets: dict[Page, WebSocket]
) -> Iterator[OpenPage]:
    """``open_page(path, theme, width, height)``: a page in a session of its own, loaded and settled.

    Fails after the test if a page logged an error to its console, raised one, got an answer of 400 or above, or asked
    any other host for anything.
    """
    pages: list[Page] = []
    problems: list[str] = []

    def open_page(
        path: str = "/", theme: Literal["light", "dark"] = "light", width: int = 1280, height: int = 800
    ) -> Page:
        context = browser.new_context(
            base_url=server, color_scheme=theme, viewport={"width": width, "height": height}, accept_downloads=True
        )
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        watch(page, server, problems)
        page.on("websocket", lambda socket: sockets.update({page: socket}))
        pages.append(page)
        page.goto(path)
        settled(page)
        return page

    yield open_page
    if failed_key in request.node.stash or problems:
        SHOTS.mkdir(exist_ok=True)
        name = re.sub(r"[^\w.-]+", "-", request.node.name)
        for number, page in enumerate(pages):
            page.screenshot(path=SHOTS / f"{name}-{number}.png")
    for page in pages:
        page.context.close()
    assert not problems, "\n".join(problems)


def watch(page: Page, server: str, problems: list[str]) -> None:
    """Add to ``problems`` whatever goes wrong on ``page`` from now on."""

    def off_site(address: str) -> bool:
        return not address.startswith((server, server.replace("http", "ws"), "data:", "blob:"))

    page.on("console", lambda m: problems.append(f"Console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(f"Uncaught: {error}"))
    page.on("response", lambda r: problems.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    page.on("request", lambda r: problems.append(f"Off site: {r.url}") if off_site(r.url) else None)
    # A request that the page itself gave up, by going elsewhere, is no failure.
    page.on(
        "requestfailed",
        lambda r: problems.append(f"{r.failure}: {r.url}") if r.failure != "net::ERR_ABORTED" else None,
    )


def settled(page: Page) -> None:
    page.wait_for_function(f"({SETTLED})()", timeout=WAIT_MS)


@pytest.fixture
def settle() -> Callable[[Page], None]:
    """``settle(page)``: return once the script has run, and every chart has been drawn and stands still."""
    return settled


@pytest.fixture
def rerun(sockets: dict[Page, WebSocket]) -> Callable[[Page], AbstractContextManager[None]]:
    """``with rerun(page): act``: leave the block once what the act changed is on screen.

    It waits for the server's own word that a run of the script has ended, so a run that has yet to begin is not missed.
    """

    @contextmanager
    def rerun(page: Page) -> Iterator[None]:
        with sockets[page].expect_event("framereceived", ends_run, timeout=WAIT_MS):
            yield
        settled(page)

    return rerun


def ends_run(payload: str | bytes) -> bool:
    """Whether a message of the server's says that a run ended, other than by giving way to the next."""
    if isinstance(payload, str):
        return False
    message = ForwardMsg.FromString(payload)
    finished = message.WhichOneof("type") == "script_finished"
    return finished and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


@pytest.fixture
def axe() -> Callable[[Page], list[dict[str, Any]]]:
    """``axe(page)``: axe-core's violations of accessibility on the page as it stands, each a dict with id and nodes."""
    return lambda page: Axe().run(page).response["violations"]
