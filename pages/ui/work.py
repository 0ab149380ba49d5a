"""Long work on a page: the app's jobs, who its visitor is, and a job from its start to what it told."""

import math
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

import streamlit as st

from engine.devices import device_name
from engine.events import Event
from engine.jobs import Jobs, Order, Pace, QuotaExceeded, Status
from engine.spec import Spec
from pages.ui.controls import plain
from pages.ui.desk import Desk

HOME = "GRADIENT_LAB_HOME"
"""The environment variable that names the folder where jobs are kept."""

POLL = 2.0
"""Seconds between two looks at a job that runs."""

R = TypeVar("R")


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The jobs of this app. Their cluster starts when the first is submitted."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Jobs(Path(os.environ.get(HOME, cache / "gradient-lab")))


def visitor() -> str:
    """A name for this session, known to nobody else."""
    name: str = st.session_state.setdefault("visitor", secrets.token_hex(8))
    return name


@dataclass(frozen=True)
class Task(Generic[R]):
    """A job that a page may order, whether or not anybody has.

    work: dotted path of an ``engine.events.Work``. fold: (spec, events so far) -> the result so far.
    noun: what people call it, "race". minutes: that it takes, roughly. size: it in a sentence, without a full stop.
    begin: on the button that orders it.
    """

    work: str
    spec: Spec
    fold: Callable[[Any, list[Event]], R]
    noun: str
    minutes: float
    size: str
    begin: str
    device: str = "cpu"

    @property
    def key(self) -> str:
        return Order.of(self.work, self.spec, self.device).key

    def start(self) -> None:
        """Order it, or go on with it; a quota that is met is told."""
        try:
            jobs().submit(self.work, self.spec, visitor(), self.device)
        except QuotaExceeded as error:
            st.warning(plain(str(error)))

    def so_far(self) -> R:
        """The result as far as the job has told it."""
        told = _told(self.key)
        with LOCK:
            news = jobs().events(self.key, told.last - 1)  # without the one read last the job was forgotten since
            if not news:
                told.last, told.events, told.result = 0, [], None
            for number, event in news:
                if number > told.last:
                    told.events.append(event)
                    told.last = number
                    told.result = None
            told.result = told.result or self.fold(self.spec, told.events)
            result: R = told.result
            return result


def show_work(desk: Desk[Any], task: Task[R], draw: Callable[[R, Status], None]) -> None:
    """How it stands with ``task``, what can be done about it, and ``draw(result so far, status)``."""
    if jobs().status(task.key).active:
        st.fragment(_watched, run_every=POLL)(desk, task, draw)
    else:
        with st.container():  # a fragment is one too: what is drawn keeps its place when the work ends
            _show(task, draw)


def _watched(desk: Desk[Any], task: Task[R], draw: Callable[[R, Status], None]) -> None:
    """Work that runs or waits, as far as it is.

    The look that finds it at its end draws that too, so that no picture is taken down before the page is made anew.
    """
    jobs().watch(task.key)
    status = _show(task, draw)
    desk.write_address()
    if not status.active:
        st.rerun()


def _show(task: Task[R], draw: Callable[[R, Status], None]) -> Status:
    """How it stands, always one block, and what it told."""
    status = jobs().status(task.key)
    with st.container():
        if status.active:
            _show_progress(task, status)
        elif status.state != "done":
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    task.begin if status.state == "unknown" else "Go on",
                    type="primary",
                    icon=":material/flag:",
                    on_click=task.start,
                    key=f"go/{task.noun}",
                )
                st.caption(plain(standing(task, status)))
        if status.state == "failed":
            st.error(plain(status.reason))
    draw(task.so_far(), status)
    return status


def _show_progress(task: Task[Any], status: Status) -> None:
    """How far work that runs or waits has come, and for whoever ordered it the way to end it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.state == "queued":
            ahead = f"Waiting: {status.waiting} ahead." if status.waiting else "Starting …"
            st.progress(0.0, f"{ahead} The place is kept if you leave.")
        else:
            told = f"{status.progress:.0%}{_left(status)}. You may leave: the link leads here."
            st.progress(status.progress, told)
        if jobs().owns(task.key, visitor()):
            cancel = jobs().cancel
            st.button("Cancel", on_click=cancel, args=(task.key,), disabled=status.stopping, icon=":material/stop:")
        else:
            st.caption("Started by someone else.")


def standing(task: Task[Any], status: Status) -> str:
    """How it stands with work that does not run and is not done."""
    if status.state == "unknown":
        machine = device_name(task.device)
        return f"{task.size}: about {duration(task.minutes)} on two CPU cores. This machine: {machine}."
    if status.state == "failed":
        return f"This {task.noun} failed after {status.progress:.0%}."
    return f"This {task.noun} was {status.state} after {status.progress:.0%}. {status.reason}"


def _left(status: Status) -> str:
    """How long a job that runs will take at the pace that this session has seen; "" before that says much."""
    now = time.monotonic()
    pace: Pace = st.session_state.setdefault(f"pace/{status.key}", Pace(now, status.progress))
    minutes = pace.minutes_left(now, status.progress)
    return "" if minutes is None else f", about {duration(minutes)} left"


def duration(minutes: float) -> str:
    """A length of time to plan by."""
    if minutes <= 1:
        return "a minute"
    return f"{math.ceil(minutes)} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"


@dataclass
class Told:
    """What was read of a job's events, so that a look at it reads only the new ones."""

    last: int = 0
    events: list[Event] = field(default_factory=list)
    result: Any = None


LOCK = Lock()


@lru_cache(maxsize=8)
def _told(_key: str) -> Told:
    """Kept by the caller: work looked at is looked at again."""
    return Told()
