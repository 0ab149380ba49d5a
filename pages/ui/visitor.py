"""The visitor's identity: a random name in a cookie of the browser, so that a reload makes no new visitor.

The app uses it to count a visitor's jobs and to decide who may cancel a job. It is held in memory only.
"""

import re
import secrets

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

from pages.ui.assets import BASE

COOKIE = "gradient-lab-visitor"
BYTES = 16
NAME = re.compile(rf"[0-9a-f]{{{2 * BYTES}}}")
DAYS = 30


def greet(request: Request, response: Response) -> None:
    """Give the browser a name unless it has one. No script on the page can read the cookie."""
    if not NAME.fullmatch(request.cookies.get(COOKIE, "")):
        response.set_cookie(
            COOKIE, secrets.token_hex(BYTES), max_age=DAYS * 86_400, path=BASE or "/",
            secure=request.url.scheme == "https", httponly=True, samesite="lax",
        )  # fmt: skip


def visitor() -> str:
    """The name of this session's browser. If the browser keeps no cookies, a name for this session alone."""
    name = st.context.cookies.get(COOKIE, "")
    if NAME.fullmatch(name):
        return name
    own: str = st.session_state.setdefault("visitor", secrets.token_hex(BYTES))
    return own
