"""Fixtures of the browser tests: the app in a process of its own, Chromium, and pages that record what goes wrong.

A test takes ``open_page``. If it acts on the page, it also takes ``rerun`` and ``settle``. If a test fails, pictures of
its pages are stored under ``shots/``, and the server's log is part of the report.
"""

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, WebSocket, expect, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.app import PROGRAM, ROOT, WAIT_MS, served, settled

SHOTS = ROOT / "shots"
PROBE = re.compile(r"/\w+/_stcore/(health|host-config)")
"""The addresses where Streamlit's frontend first looks for its server, if a page is opened by the page's own address.

After the answer 404, the frontend looks at the root.
"""

expect.set_options(timeout=WAIT_MS)

HAS_PLAYED = "window.labPlayed"
"""True as soon as a player of the page has moved by itself. A test cannot see the movement: it may be over by then."""
NOTE_PLAYING = """new MutationObserver((changes) => {
    window.labPlayed ||= changes.some(({ target }) => target.dataset.playing === "true");
}).observe(document, { subtree: true, attributeFilter: ["data-playing"] })"""

THEMES: tuple[Literal["light", "dark"], ...] = ("dark", "light")

log_key = pytest.StashKey[Path]()
failed_key = pytest.StashKey[bool]()


Rerun = Callable[[Page], AbstractContextManager[None]]


class OpenPage(Protocol):
    def __call__(
        self,
        path: str = "/",
        theme: Literal["light", "dark"] = "light",
        width: int = 1280,
        height: int = 800,
        motion: bool = False,
        elsewhere: bool = False,
        locale: str = "",
    ) -> Page: ...


class InBothThemes(Protocol):
    def __call__(self, page: Page) -> Iterator[Literal["light", "dark"]]: ...


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
    log = tmp_path_factory.mktemp("server") / "log.txt"
    pytestconfig.stash[log_key] = log
    with served(log) as app:
        yield app.address
    assert "Traceback" not in log.read_text(), f"The app logged an error:\n{log.read_text()}"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def strangers(playwright: Playwright) -> Iterator[Browser]:
    """A browser that stores nothing. Each of its contexts is a visitor who has never been here."""
    with playwright.chromium.launch(**PROGRAM) as browser:
        yield browser


@pytest.fixture(scope="session")
def regulars(playwright: Playwright, server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser that keeps the app's files and their compiled code. A page then costs half as much as without them."""
    profile = tmp_path_factory.mktemp("profile")
    with playwright.chromium.launch_persistent_context(profile, base_url=server, **PROGRAM) as context:
        yield context


@pytest.fixture
def sockets() -> dict[Page, WebSocket]:
    """The connection of each page to the app's session."""
    return {}


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest,
    regulars: BrowserContext,
    strangers: Browser,
    server: str,
    sockets: dict[Page, WebSocket],
) -> Iterator[OpenPage]:
    """``open_page(path, theme, width, height, motion)``: a page in a session of its own, loaded and settled.

    Without ``motion``, the visitor prefers reduced motion, and races are shown finished: to paint a moving race without
    a graphics card takes a core. With ``elsewhere``, the page is opened as on somebody else's machine. locale: the
    language of the browser, such as "de-DE".

    Fails after the test if a page logged an error to its console, raised an exception, received a status of 400 or
    above, or sent a request to any other host.
    """
    pages: list[Page] = []
    problems: list[str] = []

    def open_page(
        path: str = "/",
        theme: Literal["light", "dark"] = "light",
        width: int = 1280,
        height: int = 800,
        motion: bool = False,
        elsewhere: bool = False,
        locale: str = "",
    ) -> Page:
        own = elsewhere or locale
        page = strangers.new_page(base_url=server, locale=locale or "en-US") if own else regulars.new_page()
        page.set_default_timeout(WAIT_MS)
        page.set_viewport_size({"width": width, "height": height})
        page.add_init_script(NOTE_PLAYING)
        page.emulate_media(color_scheme=theme, reduced_motion="no-preference" if motion else "reduce")
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
        page.evaluate("localStorage.clear()")
        page.close()
    assert not problems, "\n".join(problems)


def watch(page: Page, server: str, problems: list[str]) -> None:
    """Add everything that goes wrong on ``page`` from now on to ``problems``."""

    def off_site(address: str) -> bool:
        return not address.startswith((server, server.replace("http", "ws"), "data:", "blob:"))

    def probe(address: str) -> bool:
        return PROBE.fullmatch(address.removeprefix(server)) is not None

    page.on(
        "console",
        lambda m: problems.append(f"Console: {m.text}") if m.type == "error" and not probe(m.location["url"]) else None,
    )
    page.on("pageerror", lambda error: problems.append(f"Uncaught: {error}"))
    page.on(
        "response",
        lambda r: problems.append(f"{r.status}: {r.url}") if r.status >= 400 and not probe(r.url) else None,
    )
    page.on("request", lambda r: problems.append(f"Off site: {r.url}") if off_site(r.url) else None)
    # It is no failure if the page itself aborted a request, because it went to another address.
    page.on(
        "requestfailed",
        lambda r: problems.append(f"{r.failure}: {r.url}") if r.failure != "net::ERR_ABORTED" else None,
    )


@pytest.fixture
def settle() -> Callable[[Page], None]:
    """``settle(page)``: return when the script has run, and every chart has been drawn and does not change."""
    return settled


@pytest.fixture
def in_both_themes() -> InBothThemes:
    """``for theme in in_both_themes(page)``: the visitor's system prefers each theme in turn, and the page follows."""

    def in_both_themes(page: Page) -> Iterator[Literal["light", "dark"]]:
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            settled(page)
            yield theme

    return in_both_themes


@pytest.fixture
def rerun(sockets: dict[Page, WebSocket]) -> Rerun:
    """``with rerun(page): act``: leave the block when the effect of the act is on screen.

    The fixture waits for the server's message that a run of the script has ended. So it does not miss a run that has
    not begun yet.
    """

    @contextmanager
    def rerun(page: Page) -> Iterator[None]:
        with sockets[page].expect_event("framereceived", ends_run, timeout=WAIT_MS):
            yield
        settled(page)

    return rerun


def ends_run(payload: str | bytes) -> bool:
    """Whether a message of the server says that a run ended, and not only because the next run replaced it."""
    if isinstance(payload, str):
        return False
    message = ForwardMsg.FromString(payload)
    finished = message.WhichOneof("type") == "script_finished"
    return bool(finished and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)


@pytest.fixture
def axe() -> Callable[[Page], list[dict[str, Any]]]:
    """``axe(page)``: the accessibility violations that axe-core finds on the page, as dicts with id and nodes."""
    return lambda page: Axe().run(page).response["violations"]
