"""The panel of a long experiment on a page: start it, watch it, cancel it, and see its result so far."""

import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import streamlit as st

from engine.devices import device_name
from engine.experiment import Experiment
from engine.jobs import Jobs, Order, QuotaExceeded, Status, minutes_left
from engine.spec import Spec, decode
from pages.ui.controls import plain
from pages.ui.page_state import PageState
from pages.ui.visitor import visitor

HOME = "GRADIENT_LAB_HOME"
"""The environment variable that names the folder where jobs are stored."""

POLL = 2.0
"""Seconds between two updates while a job is active."""

R = TypeVar("R")


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The jobs of this app. Their cluster starts when the first job is submitted."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Jobs(Path(os.environ.get(HOME, cache / "gradient-lab")))


@dataclass(frozen=True)
class Task(Generic[R]):
    """A long experiment that a page offers, whether or not anybody has ordered it.

    noun: its name in sentences, such as "race". size: a sentence, without full stop, on what it computes.
    beside: other settings that the page needs to show it.
    kept: a result that ships with the lab. It is shown until somebody has ordered the job.
    """

    experiment: Experiment[Any, R]
    spec: Spec
    noun: str
    size: str
    device: str = "cpu"
    beside: Mapping[str, Any] = field(default_factory=dict)
    kept: R | None = None

    @property
    def key(self) -> str:
        return Order.of(self.experiment, self.spec, self.device).key

    def start(self, anew: bool = False) -> None:
        """Order or resume the job, or start it over if ``anew``. A refusal is shown as a warning."""
        try:
            jobs().submit(self.experiment, self.spec, visitor(), self.device, anew)
        except QuotaExceeded as error:
            st.warning(plain(str(error)))

    def result(self, status: Status) -> R:
        """The result to show: the job's result so far or, if nobody has ordered it, the one that ships with the lab."""
        if status.state == "unknown" and self.kept is not None:
            return self.kept
        return jobs().result(self.experiment, self.spec, self.device)


def show_job(state: PageState, task: Task[R], draw: Callable[[R, Status], None]) -> tuple[R, Status] | None:
    """Show the state of ``task`` with its buttons. Below it, call ``draw(result so far, status)``.

    Returns what was drawn, or None while the job is active and is drawn again and again.
    """
    show_others(state, task, task.key)
    jobs().watch(task.key)  # a parked job resumes
    if jobs().status(task.key).active:
        st.fragment(_watched, run_every=POLL)(state, task, draw)
        return None
    with st.container():  # always one block: the charts keep their place when the job ends
        return _show(task, draw)


def show_others(state: PageState, task: Task[Any], shown: str = "") -> None:
    """Show one button for each of the visitor's jobs of this experiment that run or wait.

    A button leads to the settings of its job. The job with the key ``shown`` gets none.
    """
    with st.container(horizontal=True):  # made even if it stays empty, so that the blocks below keep their place
        for status in jobs().find(visitor(), task.experiment):
            if status.key != shown and (status.active or status.state == "parked"):
                spec, _ = decode(type(task.spec), status.params)
                place = {**dict(spec), **task.beside}
                how = "runs" if status.state == "running" else "waits"
                st.button(
                    f"Your {task.noun} {how}",
                    key=f"back/{status.key}",
                    icon=":material/arrow_forward:",
                    type="tertiary",
                    on_click=state.callback(lambda _, place=place: place),
                )


def _watched(state: PageState, task: Task[R], draw: Callable[[R, Status], None]) -> None:
    """Show an active job. Streamlit calls this again every ``POLL`` seconds.

    The call that finds the job ended draws its result too, so no picture disappears before the page runs again.
    """
    jobs().watch(task.key)
    _, status = _show(task, draw)
    state.write_address()
    if not status.active:
        st.rerun()


def _show(task: Task[R], draw: Callable[[R, Status], None]) -> tuple[R, Status]:
    """Show the state of ``task``, always as one block, and its result so far."""
    status = jobs().status(task.key)
    if status.state != "running":
        st.session_state.pop(_pace(task.key), None)  # measure the pace anew when the job runs again
    recording = status.state == "unknown" and task.kept is not None
    with st.container():
        if status.active:
            _show_progress(task, status)
        elif status.state != "done" and not recording:
            _offer(task, status)
        if status.state == "failed":
            st.error(plain(status.reason))
    result = task.result(status)
    draw(result, status)
    if recording:  # its picture comes first: few visitors run it again
        _offer(task, status)
    return result, status


def _offer(task: Task[Any], status: Status) -> None:
    """Draw the button that starts the job, and say how long the job will take."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Go on" if status.state != "unknown" else "Run it here" if task.kept else f"Start this {task.noun}",
            type="primary" if task.kept is None else "secondary",
            icon=":material/flag:",
            on_click=task.start,
            key=f"go/{task.noun}",
        )
        if status.state == "failed":
            st.button("Start over", icon=":material/replay:", on_click=task.start, args=(True,))
        st.caption(plain(describe(task, status)))


def _show_progress(task: Task[Any], status: Status) -> None:
    """Show the progress of an active job. The visitor who ordered it also gets a button to cancel it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.state == "queued":
            turn = duration(jobs().limits.turn / 60)
            ahead = f"Waiting: {status.waiting} ahead, in turns of {turn}." if status.waiting else "Starting …"
            st.progress(status.progress, f"{ahead} You keep your place if you leave.")
        else:
            words = f"{status.progress:.0%}{_left(status)}. You can close this page; the link brings you back."
            st.progress(status.progress, words)
        if jobs().owns(task.key, visitor()):
            cancel = jobs().cancel
            st.button("Cancel", on_click=cancel, args=(task.key,), disabled=status.stopping, icon=":material/stop:")
        else:
            st.caption("Started by someone else.")


def describe(task: Task[Any], status: Status) -> str:
    """One or two sentences on a job that is neither active nor done."""
    if status.state == "unknown":
        machine, length = device_name(task.device), duration(task.experiment.seconds(task.spec) / 60)
        return f"{task.size}: about {length} on two CPU cores. This machine: {machine}."
    if status.state == "failed":
        return f"This {task.noun} failed after {status.progress:.0%}."
    how = "made room for another" if status.state == "parked" else f"was {status.state}"
    return f"This {task.noun} {how} after {status.progress:.0%}. {status.reason}"


def _left(status: Status) -> str:
    """The time left for a running job, from the pace that this session has observed; "" while the pace is unknown."""
    now = time.monotonic()
    since, at = st.session_state.setdefault(_pace(status.key), (now, status.progress))
    minutes = minutes_left(since, at, now, status.progress)
    return "" if minutes is None else f", about {duration(minutes)} left"


def _pace(key: str) -> str:
    return f"pace/{key}"


def duration(minutes: float) -> str:
    """A rough length of time in words."""
    if minutes <= 1:
        return "a minute"
    return f"{math.ceil(minutes)} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
