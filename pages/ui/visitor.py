"""Who is visiting: a random name that the browser keeps in a cookie, so that a reload makes no other visitor.

It says whose the runs are, to cancel them and to count them, while the app lives; it is written down nowhere.
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
    """Give a browser its name unless it has one. No script can read it."""
    if not NAME.fullmatch(request.cookies.get(COOKIE, "")):
        response.set_cookie(
            COOKIE, secrets.token_hex(BYTES), max_age=DAYS * 86_400, path=BASE or "/",
            secure=request.url.scheme == "https", httponly=True, samesite="lax",
        )  # fmt: skip


def visitor() -> str:
    """The name of this session's browser; one of the session alone where it keeps no cookies."""
    name = st.context.cookies.get(COOKIE, "")
    if NAME.fullmatch(name):
        return name
    own: str = st.session_state.setdefault("visitor", secrets.token_hex(BYTES))
    return own
