"""The browser components of this package, and the addresses of the files that they load."""

import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import streamlit as st

BASE = f"/{str(st.get_option('server.baseUrlPath')).strip('/')}".rstrip("/")
"""The part with which the path of every request begins: empty, or "/path"."""

ASSETS = "assets"
"""The address of the folder ``static``, as seen from any page. A proxy may serve the app under a path of its own, so no
address may begin at the root of the host."""

PLOTLY = f"{ASSETS}/plotly-{version('plotly')}.min.js"
"""The address of the drawing library. It contains the version, so a browser may cache the file for ever."""

HERE = Path(__file__).parent / "js"

IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)


@cache
def component(name: str) -> Any:
    """The Streamlit component of the files ``name``.html, .css and .js in ``js``."""
    return st.components.v2.component(
        f"gradient_lab.{name}",
        html=(HERE / f"{name}.html").read_text(),
        css=(HERE / f"{name}.css").read_text(),
        js="\n".join(scripts(name).values()),
        isolate_styles=False,
    )


def scripts(name: str) -> dict[str, str]:
    """The script ``name``.js after the scripts that it imports: name -> text without its import lines.

    Streamlit accepts only one module per component. The texts joined in this order are that module, so no two of them
    may define the same name.
    """
    text = (HERE / f"{name}.js").read_text()
    found: dict[str, str] = {}
    for other in IMPORT.findall(text):
        found |= scripts(other)
    return found | {name: IMPORT.sub("", text)}
