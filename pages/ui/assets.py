"""Where the browser finds what Streamlit does not serve."""

from importlib.metadata import version

import streamlit as st

BASE = f"/{str(st.get_option('server.baseUrlPath')).strip('/')}".rstrip("/")
"""What all addresses begin with: empty, or "/path"."""

ASSETS = f"{BASE}/assets"
"""The folder ``static``."""

PLOTLY = f"{ASSETS}/plotly-{version('plotly')}.min.js"
"""The drawing library. The version is in the name, so that a browser may keep the file for ever."""
