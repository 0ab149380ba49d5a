"""What the app's process needs once, before its first page."""

import gc
import shutil
from importlib.resources import files
from pathlib import Path

import streamlit as st
import torch

STATIC = Path(__file__).parents[2] / "static"


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """One-thread torch, a frozen heap, and Plotly's script where the browser can fetch it."""
    # With two threads and another process on the cores, each small operation waits milliseconds at a barrier.
    torch.set_num_threads(1)
    STATIC.mkdir(exist_ok=True)
    source = files("plotly") / "package_data" / "plotly.min.js"
    target = STATIC / "plotly.min.js"
    if not target.exists() or target.stat().st_size != len(source.read_bytes()):
        fresh = target.with_suffix(".new")
        with source.open("rb") as original, fresh.open("wb") as copy:
            shutil.copyfileobj(original, copy)
        fresh.replace(target)
    # What is imported by now stays: collections after each run need not walk over it.
    gc.collect()
    gc.freeze()
