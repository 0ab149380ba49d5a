"""The race of optimizers on a deep autoencoder: recorded ones to watch, and the visitor's own."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st
from pydantic import Field

from engine.data import DATASETS
from engine.devices import DeviceUnavailable, resolve
from engine.fields import Real
from engine.jobs import Status, outside
from engine.optimizers import RACERS
from engine.optimizers.layered import LOCOPROP, LocoPropLane
from engine.race import Race, RaceSpec
from engine.race.experiments import RACE
from engine.race.local import Composition
from engine.race.recorded import PRESETS, RECORDINGS
from pages.ui.controls import bounds, control, plain
from pages.ui.desk import Desk
from pages.ui.job_panel import Task, jobs, show_job, show_others
from pages.ui.lanes import choose_lanes
from pages.ui.local import local_losses
from pages.ui.presets import choose_preset
from pages.ui.stage import more, stage
from pages.ui.takeaway import take_away

MOST_SEED = int(bounds(RaceSpec.model_fields["seed"])[1])

NAMES = {name: data.label for name, data in DATASETS.items()} | {
    "tanh": "tanh", "relu": "ReLU", "leaky_relu": "leaky ReLU", "cpu": "CPU", "cuda": "CUDA", "tf32": "TF32",
}  # fmt: skip
"""Of settings whose key will not do."""

LOCOPROP_IN_SHORT = (
    "In LocoProp every layer solves a small problem of its own on each batch: -M under the loss that its transfer "
    "function induces, -S under the squared one. Per epoch that goes far; a step costs several of Adam's, so compare "
    f"by the clock too. Lower is better. [{LOCOPROP[0]}]({LOCOPROP[1]})"
)


class Shown(RaceSpec):
    """All that the page's link holds: the race, how it is looked at, and the local problem that is composed."""

    show: Literal["minutes", "tanh", "own"] = Field(
        "minutes", title="Race", description="A recorded race, or the one set here"
    )
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
    with st.container():  # one block however much it says: the charts below keep their place, and so their zoom
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

    def taking(**change: Any) -> Callable[[Shown], Shown]:
        return lambda now: now.but(**change)

    races = {recording.title: taking(show=key) for key, recording in RECORDINGS.items()} | {
        preset.title: taking(**dict(preset.spec), show="own") for preset in PRESETS
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Race now: two minutes",
            type="secondary" if desk.spec.show == "own" else "primary",
            icon=":material/play_arrow:",
            on_click=desk.callback(started),
        )
        shown = choose_preset(desk, races, "Races")
    for preset in PRESETS:
        if preset.title == shown:
            st.markdown(preset.look_for)
    if desk.spec.show == "own" and any(isinstance(lane, LocoPropLane) for lane in desk.spec.lanes):
        st.markdown(LOCOPROP_IN_SHORT)


def fresh(spec: RaceSpec) -> RaceSpec:
    """``spec`` on the first seed on which nobody's race has ended: a visitor who asks for a race sees one run."""

    def ended(now: RaceSpec) -> bool:
        status = jobs().status(task_of(now, resolve(now.device)).key)
        return status.state != "unknown" and not status.active

    while spec.seed < MOST_SEED and ended(spec):
        spec = spec.but(seed=spec.seed + 1)
    return spec


def recorded_race(desk: Desk[Shown]) -> None:
    recording = RECORDINGS[desk.spec.show]
    race = recording.race()
    show_others(desk, task_of(desk.spec.experiment(), "cpu"))
    st.markdown(recording.look_for)
    stage(desk, race)
    more(desk, race)
    take_away(desk, race.table, f"gradient-lab-{recording.file}", RACE, race.spec, race.command)
    start = race.start
    threads = f"{start['threads']} thread{'s' if start['threads'] > 1 else ''}"
    st.caption(
        f"{recording.settings} Recorded on {start['device']}, {threads}, torch {start['torch']}, "
        f"Python {start['python']}; {start['source']}. Repeat it: `{race.command}`"
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
        device = "cuda" if spec.device == "cuda" and outside() else resolve(spec.device)
    except DeviceUnavailable as error:
        st.error(plain(str(error)))
        st.button(
            "Use what this machine has", type="primary", on_click=desk.callback(lambda now: now.but(device="auto"))
        )
        return
    task = task_of(spec, device)
    if st.session_state.pop("race/start", False):
        task.start()

    def draw(race: Race, status: Status) -> None:
        if status.state == "done" and race.start["notice"]:
            st.button("Race again on MNIST", icon=":material/replay:", on_click=task.start, args=(True,))
        if len(race.points) or race.ends:
            stage(desk, race)
        elif status.state == "running":
            st.caption("Counting what a step of each optimizer costs …")
        else:
            local_losses(desk)
            return
        more(desk, race)
        if not status.active:
            take_away(desk, race.table, "gradient-lab-race", RACE, race.ran, race.ran.command())

    show_job(desk, task, draw)


def task_of(spec: RaceSpec, device: str) -> Task[Race]:
    size = (
        f"{len(spec.lanes)} optimizers, {spec.weights():,} weights, {spec.epochs} epochs of {spec.steps()} steps, "
        f"{spec.seeds} seed{'s' if spec.seeds > 1 else ''}"
    )
    return Task(RACE, spec, "race", size, "Start this race", device, {"show": "own"})


def settings(desk: Desk[Shown]) -> None:
    """The visitor's own race."""
    choose_lanes(desk, RACERS, lambda now, lane: lane, schedules=False)
    for name in ("data", "transfer", "images", "batch", "epochs", "depth", "width"):
        control(desk, name, names=NAMES)
    with st.expander("Schedule, seeds, device"):
        for name in ("warmup", "horizon", "ramp", "seeds", "seed", "device", "precision", "look"):
            control(desk, name, names=NAMES)
