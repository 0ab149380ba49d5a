"""Long work on a page: the app's jobs, and who its visitor is."""

import os
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock

import streamlit as st

from engine.events import Event
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


def race_so_far(key: str, spec: RaceSpec) -> Race:
    """The race as far as its job has told it."""
    told = _told(key)
    with LOCK:
        news = jobs().events(key, told.last - 1)  # without the one read last the job was forgotten since
        if not news:
            told.last, told.events, told.race = 0, [], None
        for number, event in news:
            if number > told.last:
                told.events.append(event)
                told.last = number
                told.race = None
        told.race = told.race or Race.of(spec, told.events)
        return told.race


@dataclass
class Told:
    """What was read of a job's events, so that a look at it reads only the new ones."""

    last: int = 0
    events: list[Event] = field(default_factory=list)
    race: Race | None = None


LOCK = Lock()


@lru_cache(maxsize=8)
def _told(_key: str) -> Told:
    """Kept by the caller: a race looked at is looked at again."""
    return Told()
