"""Long work on a page: the app's jobs, and one of them from its start to what it told."""

import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

import streamlit as st

from engine.devices import device_name
from engine.events import Event
from engine.experiment import Experiment
from engine.jobs import Jobs, Order, Pace, QuotaExceeded, Status
from engine.spec import Spec, decode
from pages.ui.controls import plain
from pages.ui.desk import Desk
from pages.ui.visitor import visitor

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


@dataclass(frozen=True)
class Task(Generic[R]):
    """A job that a page may order, whether or not anybody has.

    noun: what people call it, "race". minutes: that it takes, roughly. size: it in a sentence, without a full stop.
    begin: on the button that orders it. beside: what else a page's spec holds where this is shown.
    """

    experiment: Experiment[Any, R]
    spec: Spec
    noun: str
    minutes: float
    size: str
    begin: str
    device: str = "cpu"
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return Order.of(self.experiment, self.spec, self.device).key

    def start(self, anew: bool = False) -> None:
        """Order it, or go on with it, or ``anew`` from its beginning; a quota that is met is told."""
        try:
            jobs().submit(self.experiment, self.spec, visitor(), self.device, anew)
        except QuotaExceeded as error:
            st.warning(plain(str(error)))

    def so_far(self) -> R:
        """The result as far as the job has told it."""
        told = _told(self.key)
        with LOCK:
            news = jobs().events(self.key, told.last - 1)
            if told.last and (not news or news[0][0] != told.last):  # the one read last is gone: it is another run
                told.last, told.events, told.result = 0, [], None
                news = jobs().events(self.key)
            for number, event in news:
                if number > told.last:
                    told.events.append(event)
                    told.last = number
                    told.result = None
            told.result = told.result or self.experiment.so_far(self.spec, told.events)
            result: R = told.result
            return result


def show_work(desk: Desk[Any], task: Task[R], draw: Callable[[R, Status], None]) -> None:
    """How it stands with ``task``, what can be done about it, and ``draw(result so far, status)``."""
    show_others(desk, task, task.key)
    jobs().watch(task.key)  # one that made room for another goes on
    if jobs().status(task.key).active:
        st.fragment(_watched, run_every=POLL)(desk, task, draw)
    else:
        with st.container():  # a fragment is one too: what is drawn keeps its place when the work ends
            _show(task, draw)


def show_others(desk: Desk[Any], task: Task[Any], shown: str = "") -> None:
    """The way back to this visitor's work of ``task``'s kind that runs or waits, but for the one that is ``shown``."""
    with st.container(horizontal=True):  # there even where it is empty: what follows keeps its place
        for status in jobs().find(visitor()):
            own = status.work == task.experiment.name and status.key != shown
            if own and (status.active or status.state == "parked"):
                spec, _ = decode(type(task.spec), status.params)
                place = {**dict(spec), **task.beside}
                how = "runs" if status.state == "running" else "waits"
                st.button(
                    f"Your {task.noun} {how}",
                    key=f"back/{status.key}",
                    icon=":material/arrow_forward:",
                    type="tertiary",
                    on_click=desk.callback(lambda now, place=place: now.but(**place)),
                )


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
    if status.state != "running":
        st.session_state.pop(_pace(task.key), None)  # a pause says nothing of its pace
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
                if status.state == "failed":
                    st.button("Start over", icon=":material/replay:", on_click=task.start, args=(True,))
                st.caption(plain(standing(task, status)))
        if status.state == "failed":
            st.error(plain(status.reason))
    draw(task.so_far(), status)
    return status


def _show_progress(task: Task[Any], status: Status) -> None:
    """How far work that runs or waits has come, and for whoever ordered it the way to end it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.state == "queued":
            turn = duration(jobs().limits.turn / 60)
            ahead = f"Waiting: {status.waiting} ahead, in turns of {turn}." if status.waiting else "Starting …"
            st.progress(status.progress, f"{ahead} The place is kept if you leave.")
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
    how = "made room for another" if status.state == "parked" else f"was {status.state}"
    return f"This {task.noun} {how} after {status.progress:.0%}. {status.reason}"


def _left(status: Status) -> str:
    """How long a job that runs will take at the pace that this session has seen; "" before that says much."""
    now = time.monotonic()
    pace: Pace = st.session_state.setdefault(_pace(status.key), Pace(now, status.progress))
    minutes = pace.minutes_left(now, status.progress)
    return "" if minutes is None else f", about {duration(minutes)} left"


def _pace(key: str) -> str:
    return f"pace/{key}"


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
