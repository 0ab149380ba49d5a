"""The components that we write for the browser ourselves, and the addresses of the files that they load."""

import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import streamlit as st

BASE = f"/{str(st.get_option('server.baseUrlPath')).strip('/')}".rstrip("/")
"""The beginning of all addresses: empty, or "/path"."""

ASSETS = f"{BASE}/assets"
"""The address of the folder ``static``."""

PLOTLY = f"{ASSETS}/plotly-{version('plotly')}.min.js"
"""The drawing library. The version is in the name, so a browser may keep the file for ever."""

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

    Streamlit takes one module for a component. Joined in this order the texts are that module, so no two of them may
    define the same name.
    """
    text = (HERE / f"{name}.js").read_text()
    found: dict[str, str] = {}
    for other in IMPORT.findall(text):
        found |= scripts(other)
    return found | {name: IMPORT.sub("", text)}
