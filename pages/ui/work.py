"""Long work on a page: the app's jobs, and who its visitor is."""

import os
import secrets
from functools import lru_cache
from pathlib import Path

import streamlit as st

from engine.jobs import Jobs, Order
from engine.race import Race, RaceSpec

HOME = "GRADIENT_LAB_HOME"
"""The environment variable that names the folder where jobs are kept."""


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The jobs of this app. Their cluster starts when the first is submitted."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Jobs(Path(os.environ.get(HOME, cache / "gradient-lab")))


def visitor() -> str:
    """A name for this session, known to nobody else."""
    name: str = st.session_state.setdefault("visitor", secrets.token_hex(8))
    return name


def key_of(work: str, spec: RaceSpec, device: str) -> str:
    """The job that ``work`` on ``spec`` would be, whether or not it was ever submitted."""
    return Order.of(work, spec, device).key


@lru_cache(maxsize=16)
def race_of(key: str, spec: RaceSpec, last: int) -> Race:
    """The race that a job has told up to its event number ``last``."""
    return Race.of(spec, [event for number, event in jobs().events(key) if number <= last])
