"""The lab's additions to Streamlit's web server: routes for pages and files, and a start-up function.

Streamlit serves the same HTML text for all pages. Here each page's HTML is that text with two additions to its head.
One is Plotly's script: the browser loads and compiles it while Streamlit still connects. The other is the title,
description and picture that other sites show for a shared link. The response also sets the cookie that identifies the
visitor.
"""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from pages.ui.assets import ASSETS, BASE, PLOTLY
from pages.ui.menu import ENTRIES, Entry, title_of
from pages.ui.startup import prepare
from pages.ui.visitor import greet

SCRIPT = Path(__file__).parents[1] / "main.py"
STATIC = Path(__file__).parents[2] / "static"


@asynccontextmanager
async def warm_up(_app: Any) -> AsyncIterator[None]:
    """Import what the pages need before the first request is answered, so that no visitor waits for it."""
    prepare(entry.module for entry in ENTRIES)
    plotly_script()
    yield


@cache
def plotly_script() -> bytes:
    """The script that the plotly package contains, compressed once and not for each visitor."""
    return gzip.compress((files("plotly") / "package_data" / "plotly.min.js").read_bytes(), compresslevel=6)


def plotly(_request: Request) -> Response:
    headers = {"Content-Encoding": "gzip", "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(plotly_script(), media_type="text/javascript", headers=headers)


@cache
def streamlit_page() -> str:
    return (files("streamlit") / "static" / "index.html").read_text()


def page_of(entry: Entry) -> Route:
    def answer(request: Request) -> HTMLResponse:
        root = str(request.base_url).rstrip("/") + request.headers.get("x-forwarded-prefix", "").rstrip("/")
        text = streamlit_page().replace("<title>Streamlit</title>", head(entry, root), 1)
        response = HTMLResponse(text, headers={"Cache-Control": "no-cache"})
        greet(request, response)
        return response

    return Route(f"{BASE}/{entry.address}", answer)


def head(entry: Entry, root: str) -> str:
    """The HTML that only ``entry``'s page has in its head. root: the app's address for visitors, "http://host"."""
    named = {"og:title": title_of(entry.title), "description": entry.about, "og:description": entry.about}
    if entry.picture:
        named["og:image"] = f"{root}{BASE}/{ASSETS}/{entry.picture}"
    tags = "".join(
        f'<meta {"property" if name.startswith("og:") else "name"}="{name}" content="{escape(text)}" />'
        for name, text in named.items()
    )
    return (
        f"<title>{escape(title_of(entry.title))}</title>{tags}"
        f'<script id="lab-plotly" async src="{PLOTLY}" onerror="this.remove()"></script>'
    )


ROUTES: list[BaseRoute] = [
    *(page_of(entry) for entry in ENTRIES),
    Route(f"{BASE}/{PLOTLY}", plotly),
    Mount(f"{BASE}/{ASSETS}", StaticFiles(directory=STATIC)),
]
