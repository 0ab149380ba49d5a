"""The race of optimizers on a deep autoencoder: recorded ones to watch, and the visitor's own."""

import math
import time
from typing import Literal

import streamlit as st
from pydantic import Field

from engine.devices import DeviceUnavailable, device_name, resolve
from engine.jobs import QuotaExceeded, Status
from engine.optimizers import RACERS
from engine.race import RaceSpec
from engine.race.local import Composition
from engine.race.recorded import PRESETS, RECORDINGS
from engine.spec import Real
from pages.ui.controls import control, plain
from pages.ui.desk import Desk
from pages.ui.lanes import choose_lanes
from pages.ui.local import local_losses
from pages.ui.stage import more, stage
from pages.ui.takeaway import take_away
from pages.ui.work import jobs, key_of, race_so_far, visitor

WORK = "engine.race:race"

POLL = 2.0
"""Seconds between two looks at a race that runs."""


class Shown(RaceSpec):
    """All that the page's link holds: the race, how it is looked at, and the local problem that is composed."""

    show: Literal["minutes", "own"] = Field("minutes", title="Race", description="A recorded race, or the one set here")
    axis: Literal["epoch", "seconds", "gradients"] = Field(
        "epoch", title="Against", description="What lanes are compared at equal amounts of"
    )
    quantity: Literal["train_loss", "test_loss", "train_error", "test_error"] = Field(
        "train_loss", title="Quantity", description="What is drawn; per image, summed over its pixels"
    )
    view: Literal["layers", "costs", "losses", "timeline"] = Field(
        "layers", title="View", description="What else is looked at"
    )
    part: Literal["to_kfac", "to_shampoo", "to_gradient", "local", "update", "gradient"] = Field(
        "to_kfac", title="Of each layer", description="What is drawn of each layer's last step in an epoch"
    )
    target: Real = Field(
        1.0, ge=-4, le=4, title="Target a* in the drawing", description="Where the local losses are drawn around"
    )
    composed: Literal["matching", "squared"] = Field(
        "matching", title="Local loss", description="What each layer minimizes on a batch"
    )
    inner: Literal["rmsprop", "sgd", "momentum", "nesterov", "adagrad", "adam", "exact"] = Field(
        "rmsprop", title="Inner optimizer", description="What solves the local problem; exact: the squared one alone"
    )
    regularizer: Real = Field(
        0.0, ge=0, le=1e6, title="Regularizer λ", description="Holds the weights near where the batch found them"
    )
    gamma: Real = Field(
        10.0, gt=0, le=1e4, title="Activation step γ", description="How far the target lies down the slope of the loss"
    )
    local_schedule: Literal["linear", "constant"] = Field(
        "linear", title="Local schedule", description="The rate over the local steps: falling to a quarter or constant"
    )
    local_steps: int = Field(10, ge=1, le=50, title="Local steps T", description="Steps on the local problem a batch")

    def experiment(self) -> RaceSpec:
        return RaceSpec(**{name: getattr(self, name) for name in RaceSpec.model_fields})

    def composition(self) -> Composition:
        """What is composed. Raises pydantic.ValidationError where it has no solution."""
        return Composition(
            self.composed, self.regularizer, self.inner, self.local_steps, self.local_schedule, self.gamma
        )


def page() -> None:
    desk = Desk(Shown, "race")
    st.title("The LocoProp race", anchor=False)
    choose(desk)
    if desk.problems:
        st.warning("  \n".join(map(plain, desk.problems)))
    for notice in jobs().notices:
        st.warning(plain(notice))
    if desk.spec.show == "own":
        own_race(desk)
    else:
        recorded_race(desk)
    desk.write_address()


def choose(desk: Desk[Shown]) -> None:
    """What to see: a race of one's own, started at once, a recorded one, or a preset to set out from."""

    def started(now: Shown) -> Shown:
        st.session_state["race/start"] = True
        return now.but(**dict(fresh(RaceSpec())), show="own")

    titles = {recording.title: {"show": key} for key, recording in RECORDINGS.items()} | {
        preset.title: {**dict(preset.spec), "show": "own"} for preset in PRESETS
    }

    def chosen(now: Shown) -> Shown:
        title = st.session_state["race/preset"]
        return now.but(**titles[title]) if title else now

    st.session_state["race/preset"] = next(
        (title for title, change in titles.items() if desk.spec == desk.spec.but(**change)), None
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Race now: two minutes",
            type="secondary" if desk.spec.show == "own" else "primary",
            icon=":material/play_arrow:",
            on_click=desk.callback(started),
        )
        st.pills(
            "Races",
            list(titles),
            label_visibility="collapsed",
            key="race/preset",
            on_change=desk.callback(chosen),
        )
    for preset in PRESETS:
        if preset.title == st.session_state["race/preset"]:
            st.markdown(preset.look_for)


def fresh(spec: RaceSpec) -> RaceSpec:
    """``spec`` on the first seed on which nobody's race has ended: a visitor who asks for a race sees one run."""

    def ended(now: RaceSpec) -> bool:
        status = jobs().status(key_of(WORK, now, resolve(now.device)))
        return status.state != "unknown" and not status.active

    while spec.seed < 99 and ended(spec):
        spec = spec.but(seed=spec.seed + 1)
    return spec


def recorded_race(desk: Desk[Shown]) -> None:
    recording = RECORDINGS[desk.spec.show]
    race = recording.race()
    st.markdown(recording.look_for)
    stage(desk, race)
    more(desk, race)
    take_away(desk, race.table, f"gradient-lab-{recording.file}", race.command, race.spec)
    start = race.start
    threads = f"{start['threads']} thread{'s' if start['threads'] > 1 else ''}"
    st.caption(
        f"Recorded on {start['device']}, {threads}, torch {start['torch']}, Python {start['python']}; "
        f"{start['source']}. Repeat it: `{race.command}`"
    )
    with st.sidebar:
        st.markdown("**A recorded race**")
        st.caption("It stands as it was run. Take its settings to change them and race yourself.")
        st.button(
            "Take these settings",
            icon=":material/tune:",
            on_click=desk.callback(lambda now: now.but(**dict(race.spec), show="own")),
        )


def own_race(desk: Desk[Shown]) -> None:
    spec = desk.spec.experiment()
    with st.sidebar:
        settings(desk)
    try:
        device = resolve(spec.device)
    except DeviceUnavailable as error:
        st.error(plain(str(error)))
        st.button(
            "Use what this machine has", type="primary", on_click=desk.callback(lambda now: now.but(device="auto"))
        )
        return
    key = key_of(WORK, spec, device)
    if st.session_state.pop("race/start", False):
        submit(spec, device)
    if jobs().status(key).active:
        st.fragment(watched, run_every=POLL)(desk, key, spec)
    else:
        finished(desk, key, spec, device)


def submit(spec: RaceSpec, device: str) -> None:
    try:
        jobs().submit(WORK, spec, visitor(), device)
    except QuotaExceeded as error:
        st.warning(plain(str(error)))


def watched(desk: Desk[Shown], key: str, spec: RaceSpec) -> None:
    """A race that runs or waits, as far as it is."""
    jobs().watch(key)
    status = jobs().status(key)
    if not status.active:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.state == "queued":
            ahead = f"Waiting: {status.waiting} ahead" if status.waiting else "Starting …"
            st.progress(0.0, f"{ahead}. The place is kept if you leave.")
        else:
            told = f"{status.progress:.0%}{remaining(status)}. You may leave: the link leads here."
            st.progress(status.progress, told)
        if jobs().owns(key, visitor()):
            st.button("Cancel", on_click=jobs().cancel, args=(key,), disabled=status.stopping, icon=":material/stop:")
        else:
            st.caption("Started by someone else.")
    race = race_so_far(key, spec)
    if len(race.points):
        stage(desk, race)
    else:
        st.caption("Counting what a step of each optimizer costs …")
    more(desk, race)
    desk.write_address()


def remaining(status: Status) -> str:
    """How long a job that runs will take at the pace that this session has seen; "" before that says much."""
    now = time.monotonic()
    since, before = st.session_state.setdefault(f"race/pace/{status.key}", (now, status.progress))
    if status.progress < before + 0.02:
        return ""
    pace = (status.progress - before) / (now - since)
    return f", about {duration((1 - status.progress) / pace / 60)} left"


def finished(desk: Desk[Shown], key: str, spec: RaceSpec, device: str) -> None:
    """A race that does not run: done, stopped on its way, or never begun."""
    status = jobs().status(key)
    race = race_so_far(key, spec)
    message(status, spec)
    if status.state != "done":
        label = "Start this race" if status.state == "unknown" else "Go on"
        st.button(label, type="primary", icon=":material/flag:", on_click=submit, args=(spec, device), key="race/go")
    if not len(race.points):
        local_losses(desk)
        return
    if status.state == "done" and race.start["notice"]:

        def again() -> None:
            jobs().forget(key)
            submit(spec, device)

        st.button("Race again on MNIST", icon=":material/replay:", on_click=again)
    stage(desk, race)
    more(desk, race)
    take_away(desk, race.table, "gradient-lab-race", spec.command())


def message(status: Status, spec: RaceSpec) -> None:
    """How it stands with a race that does not run."""
    if status.state == "unknown":
        st.info(
            f"{len(spec.lanes)} optimizers, {spec.weights():,} weights, {spec.epochs} epochs of {spec.steps()} steps, "
            f"{spec.seeds} seed{'s' if spec.seeds > 1 else ''}: about {duration(spec.minutes())} on two CPU cores. "
            f"This machine: {device_name(spec.device)}."
        )
    elif status.state == "failed":
        st.error(plain(status.reason))
    elif status.state != "done":
        st.info(plain(f"This race was {status.state} after {status.progress:.0%}. {status.reason}"))


def duration(minutes: float) -> str:
    """A length of time to plan by."""
    if minutes <= 1:
        return "a minute"
    return f"{math.ceil(minutes)} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"


def settings(desk: Desk[Shown]) -> None:
    """The visitor's own race."""
    choose_lanes(desk, RACERS, lambda now, lane: lane, schedules=False)
    for name in ("data", "transfer", "images", "batch", "epochs", "depth", "width"):
        control(desk, name, names={"mnist": "MNIST", "curves": "CURVES-like", "tanh": "tanh", "relu": "ReLU"})
    with st.expander("Schedule, seeds, device"):
        for name in ("warmup", "horizon", "ramp", "seeds", "seed", "device", "precision", "look"):
            control(desk, name)
