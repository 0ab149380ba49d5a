"""What runs and is shown in the browser: our own components, and where it finds what Streamlit does not serve."""

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import streamlit as st

BASE = f"/{str(st.get_option('server.baseUrlPath')).strip('/')}".rstrip("/")
"""What all addresses begin with: empty, or "/path"."""

ASSETS = f"{BASE}/assets"
"""The folder ``static``."""

PLOTLY = f"{ASSETS}/plotly-{version('plotly')}.min.js"
"""The drawing library. The version is in the name, so that a browser may keep the file for ever."""

HERE = Path(__file__).parent / "js"


@cache
def component(name: str, *parts: str) -> Any:
    """The component of ``name``.html, .css and .js in ``js``; the other ``parts`` of its script stand before it."""
    return st.components.v2.component(
        f"gradient_lab.{name}",
        html=(HERE / f"{name}.html").read_text(),
        css=(HERE / f"{name}.css").read_text(),
        js="\n".join((HERE / f"{part}.js").read_text() for part in (*parts, name)),
        isolate_styles=False,
    )
