"""The visitor's own race: its settings, its job and its result so far."""

import streamlit as st

from engine.devices import DeviceUnavailable, resolve
from engine.fields import bounds
from engine.jobs import Status, outside
from engine.optimizers import RACERS
from engine.race import Race, RaceSpec
from engine.race.experiments import RACE
from pages.race.local import local_losses
from pages.race.race_view import below, race_view, waiting
from pages.race.settings import OWN
from pages.ui import PageState, Task, choose_lanes, controls, jobs, look, plain, show_job, take_away

MOST_SEED = int(bounds(RaceSpec.model_fields["seed"])[1])


def own_race(state: PageState) -> Race | None:
    """Show the race of these settings: the button that starts it, its progress, and its result so far.

    Returns the race if it has ended.
    """
    spec = state.spec
    try:
        device = "cuda" if spec.device == "cuda" and outside() else resolve(spec.device)
    except DeviceUnavailable as error:
        st.error(plain(str(error)))
        to_auto = state.callback(lambda _: {"device": "auto"})
        st.button("Use what this machine has", type="primary", on_click=to_auto)
        return None
    task = task_of(spec, device)
    if st.session_state.pop(f"{state.name}/start", False):
        task.start()

    def draw(race: Race, status: Status) -> None:
        if status.state == "done" and race.start["notice"]:
            st.button("Race again on MNIST", icon=":material/replay:", on_click=task.start, args=(True,))
        if race.epochs or race.ends:
            race_view(state, race, "the race that you saw before")
            below(state, race)
        else:
            waiting(state)
            if not status.active and not look().waits:
                local_losses(state)

    shown = show_job(state, task, draw)
    if shown is None:
        return None
    race, status = shown
    if race.epochs or race.ends:
        take_away(state, RACE, race.ran, race.table, race.ran.command())
    return race if status.state == "done" else None


def task_of(spec: RaceSpec, device: str) -> Task[Race]:
    """The job that runs the race of ``spec`` on ``device``."""
    size = (
        f"{len(spec.lanes)} optimizers, {spec.weights():,} weights, {spec.epochs} epochs of {spec.steps()} steps, "
        f"{spec.seeds} seed{'s' if spec.seeds > 1 else ''}"
    )
    return Task(RACE, spec, "race", size, device, {"show": OWN})


def fresh(spec: RaceSpec) -> RaceSpec:
    """``spec`` with the first seed for which no race has ended yet, so that the visitor sees a race run."""

    def ended(now: RaceSpec) -> bool:
        status = jobs().status(task_of(now, resolve(now.device)).key)
        return status.state != "unknown" and not status.active

    while spec.seed < MOST_SEED and ended(spec):
        spec = spec.but(seed=spec.seed + 1)
    return spec


def own_settings(state: PageState) -> None:
    """Draw the sidebar beside the visitor's own race."""
    choose_lanes(state, RACERS, lambda _, lane: lane, schedules=False)
    controls(state, "data", "transfer", "images", "batch", "epochs", "depth", "width")
    with st.expander("Schedule, seeds, device"):
        controls(state, "warmup", "horizon", "ramp", "seeds", "seed", "device", "precision", "look")
