"""A visitor keeps the name that their browser received, and cannot choose a name."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from pages.ui.visitor import COOKIE, greet, visitor

NAME = "0123456789abcdef" * 2
FALSE = ["", "Ada", NAME[:-1], NAME + "0", NAME.upper(), NAME + "\n"]


def greeting(cookie: str = "", scheme: str = "http") -> str:
    """The cookie that an answer to a browser sets, or "" if it sets none."""
    headers = [(b"cookie", f"{COOKIE}={cookie}".encode())] if cookie else []
    request = Request({"type": "http", "scheme": scheme, "headers": headers, "server": ("here", 80), "path": "/"})
    response = Response()
    greet(request, response)
    return response.headers.get("set-cookie", "")


def named(monkeypatch: pytest.MonkeyPatch, cookie: str) -> tuple[str, str]:
    """The name of the visitor with this cookie at two moments of one session."""
    session: dict[str, Any] = {}
    context = SimpleNamespace(cookies={COOKIE: cookie})
    monkeypatch.setattr("pages.ui.visitor.st", SimpleNamespace(context=context, session_state=session))
    return visitor(), visitor()


def test_a_browser_is_given_a_name_once_and_no_script_reads_it() -> None:
    cookie = greeting()
    assert re.match(rf"{COOKIE}=[0-9a-f]{{32}};", cookie)
    assert "httponly" in cookie.lower() and "samesite=lax" in cookie.lower()
    assert greeting() != cookie and greeting(NAME) == ""


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False)])
def test_over_https_the_name_is_never_sent_in_the_clear(scheme: str, secure: bool) -> None:
    assert ("secure" in greeting(scheme=scheme).lower()) == secure


@pytest.mark.parametrize("cookie", FALSE[1:-1])
def test_a_name_that_was_made_up_is_replaced(cookie: str) -> None:
    assert greeting(cookie).startswith(f"{COOKIE}=")


def test_the_browser_s_name_is_the_visitor_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert named(monkeypatch, NAME) == (NAME, NAME)


@pytest.mark.parametrize("cookie", FALSE)
def test_without_a_true_name_a_session_has_one_of_its_own(monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    first, again = named(monkeypatch, cookie)
    assert first == again != cookie and re.fullmatch("[0-9a-f]{32}", first)
    assert named(monkeypatch, cookie)[0] != first
