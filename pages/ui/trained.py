"""The twins in training on the residuals page: curves, gradients and the highway step by step, and depth by depth."""

from typing import Any

import streamlit as st

from engine.figures.twins import (
    READINGS,
    gradients_figure,
    history_figure,
    learning_figure,
    profile_figure,
    sweep_figure,
)
from engine.jobs import Status
from engine.residuals import script
from engine.residuals.recorded import recorded
from engine.residuals.spec import PROBE, TrainingSpec
from engine.residuals.trained import Sweep, Training
from pages.ui.chart import chart
from pages.ui.controls import control, plain
from pages.ui.desk import Desk
from pages.ui.takeaway import take_away
from pages.ui.work import Task, show_work

FILE = "gradient-lab-training"


def training(desk: Desk[Any]) -> None:
    """Both twins trained on the same batches."""
    task = training_task(desk)

    def draw(told: Training, status: Status) -> None:
        so_far = shown(told, status)
        if not len(so_far.steps):
            return
        control(desk, "reading", hidden=True, segmented=True, names=READINGS)
        left, right = st.columns(2, gap="medium")
        with left:
            chart(learning_figure(so_far, desk.spec.reading), "residuals-learning", height=400)
            st.caption(
                f"On {so_far.start['source']}, the same {PROBE} samples at each look. Both twins see the same "
                f"batches.{origin(so_far)}"
            )
        with right:
            chart(gradients_figure(so_far), "residuals-gradients", height=445)
            st.caption("The gradient of each layer's weights, at the step that the player has reached.")
        for name, reason in so_far.ends.items():
            st.warning(plain(f"{'Without' if name == 'plain' else 'With'} shortcuts: {reason}."))
        if not status.active:
            take_away(desk, so_far.table, FILE, recipe=lambda: script.training_recipe(so_far.spec))

    show_work(desk, task, draw)


def shown(told: Training, status: Status) -> Training:
    """What there is to see of a training: what was told, or the recording of one that nobody has started."""
    if told.start.get("notice"):
        st.warning(plain(told.start["notice"]))
    kept = recorded(told.spec) if status.state == "unknown" else None
    if kept is None:
        if not len(told.steps) and status.active:
            st.caption("Preparing the data …")
        return told
    return kept


def origin(so_far: Training) -> str:
    """Where a recorded training ran; "" for one that ran here."""
    start = so_far.start
    return f" Recorded on {start['device']}, torch {start['torch']}." if "torch" in start else ""


def training_task(desk: Desk[Any]) -> Task[Training]:
    spec = desk.spec.part(TrainingSpec)
    return Task("engine.residuals.training:train", spec, Training.of, "training", spec.minutes(), size(spec))


def size(spec: TrainingSpec) -> str:
    return f"Both twins, {spec.depth} layers of {spec.width}, {spec.steps} steps of {spec.batch} samples"


def depths(desk: Desk[Any]) -> None:
    """How well both twins end, depth by depth."""
    spec = desk.spec.part(TrainingSpec)
    stops = spec.depths()
    task = Task(
        "engine.residuals.training:sweep", spec, Sweep.of, "sweep", spec.minutes(stops),
        f"Both twins with {', '.join(map(str, stops))} layers of {spec.width}, {spec.steps} steps each",
    )  # fmt: skip

    def draw(so_far: Sweep, status: Status) -> None:
        if so_far.start.get("notice"):
            st.warning(plain(so_far.start["notice"]))
        if not len(so_far.depths):
            return
        control(desk, "reading", hidden=True, segmented=True, names=READINGS)
        chart(sweep_figure(so_far, desk.spec.reading), "residuals-sweep", height=440)
        st.caption(
            f"Each trained for {spec.steps} steps, over all training samples. A deeper plain network could copy a "
            "shallower one, and yet it ends worse, on the samples it was trained on. "
            "[He et al. 2015](https://arxiv.org/abs/1512.03385)"
        )
        if not status.active:
            take_away(desk, so_far.table, FILE, recipe=lambda: script.sweep_recipe(spec))

    show_work(desk, task, draw)


def highway_history(desk: Desk[Any]) -> None:
    """What becomes of the highway over the training."""
    st.header("Over the training")

    def draw(told: Training, status: Status) -> None:
        training_so_far = shown(told, status)
        if not len(training_so_far.steps):
            return
        carried = training_so_far.carried()
        past, now = st.columns([3, 2], gap="medium")
        with past:
            chart(history_figure(training_so_far), "residuals-history", height=400)
            st.caption(
                f"The bluer, the more of the gradient came by the shortcut: {carried[0]:.1%} on average at the start, "
                f"{carried[-1]:.1%} in the end. Branches that begin at nothing earn their share: the preset ReZero."
                f"{origin(training_so_far)}"
            )
        with now:
            chart(profile_figure(training_so_far), "residuals-profile", height=445)
            st.caption("How many branches the paths go through that carry the gradient to the stem.")

    show_work(desk, training_task(desk), draw)
