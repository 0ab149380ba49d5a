"""The lab's additions to Streamlit's web server: routes for pages and files, and a start-up function.

Streamlit serves the same HTML text for all pages. Here each page's HTML is that text with three additions. One is
Plotly's script: the browser loads and compiles it while Streamlit still connects. The second is the title, description
and picture that other sites show for a shared link. The third is a poster, so that no visitor waits before an empty
page.
The response also sets the cookie that identifies the visitor.
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

ROOT = '<div id="root">'
"""The element that Streamlit's frontend fills."""

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
        text = text.replace(ROOT, f"{ROOT}{poster(entry)}", 1)
        response = HTMLResponse(text, headers={"Cache-Control": "no-cache"})
        greet(request, response)
        return response

    return Route(f"{BASE}/{entry.address}", answer)


def poster(entry: Entry) -> str:
    """What stands on the page until Streamlit's frontend has started and replaces it: title, purpose and picture."""
    dark, light = (f"{ASSETS}/{entry.picture}-{theme}.png" for theme in ("dark", "light"))
    return (
        "<style>.lab-poster { font: 1rem sans-serif; max-width: 44rem; margin: 6rem auto; padding: 0 1rem; "
        "color-scheme: light dark; color: light-dark(#1d2233, #e6e8f0); } .lab-poster img { width: 100%; } "
        "@media (prefers-color-scheme: dark) { body:has(.lab-poster) { background: #12141c; } }</style>"
        f'<div class="lab-poster"><h1>{escape(entry.title)}</h1><p>{escape(entry.about)}</p><picture>'
        f'<source srcset="{dark}" media="(prefers-color-scheme: dark)"><img src="{light}" alt=""></picture></div>'
    )


def head(entry: Entry, root: str) -> str:
    """The HTML that only ``entry``'s page has in its head. root: the app's address for visitors, "http://host"."""
    named = {"og:title": title_of(entry.title), "description": entry.about, "og:description": entry.about}
    named["og:image"] = f"{root}{BASE}/{ASSETS}/{entry.picture}-light.png"
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
