"""What the app's process needs once, before its first page."""

import gc
import shutil
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import streamlit as st
import torch

STATIC = Path(__file__).parents[2] / "static"


@st.cache_resource(show_spinner=False)
def prepare(modules: tuple[str, ...]) -> None:
    """One-thread torch, Plotly's script where the browser can fetch it, ``modules`` imported and the heap frozen."""
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
    for module in modules:
        import_module(module)
    # What is imported by now stays: collections need not walk over it.
    gc.collect()
    gc.freeze()
