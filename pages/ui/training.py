"""The twins in training on the residuals page: curves, gradients and the highway step by step, and depth by depth."""

import math
from typing import Any

import streamlit as st

from engine.figures.residuals import (
    READINGS,
    gradients_figure,
    history_figure,
    learning_figure,
    profile_figure,
    sweep_figure,
)
from engine.jobs import Status
from engine.residuals.experiments import SWEEP, TRAINING
from engine.residuals.recorded import recorded, recorded_sweep
from engine.residuals.spec import EVALUATED, PROBE, TrainingSpec
from engine.residuals.trained import Sweep, Training
from engine.signals.flow import TWINS
from pages.ui.chart import chart
from pages.ui.controls import control, plain
from pages.ui.desk import Desk
from pages.ui.job_panel import Task, show_job
from pages.ui.takeaway import take_away

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
                f"On {so_far.start['source']}: over {EVALUATED:,} of the training samples, the same at each look. Both "
                f"twins see the same batches.{origin(so_far)}"
            )
        with right:
            chart(gradients_figure(so_far), "residuals-gradients", height=445)
            st.caption(f"Each layer's gradient over {PROBE} of them, at the step that the player has reached.")
        ended(so_far)
        if not status.active:
            take_away(desk, so_far.table, FILE, TRAINING, so_far.spec)

    show_job(desk, task, draw)


def ended(so_far: Training) -> None:
    """Which twin stopped early, and why."""
    for twin, reason in so_far.ends.items():
        st.info(plain(f"{TWINS[twin]} the training ended at {reason}."))


def shown(told: Training, status: Status) -> Training:
    """What there is to see of a training: what was told, or the recording of one that nobody has started."""
    kept = recorded(told.spec) if status.state == "unknown" else None
    if kept is None:
        if not len(told.steps) and status.active:
            st.caption("Preparing the data …")
        return told
    return kept


def origin(so_far: Training | Sweep) -> str:
    """Where a recorded training ran; "" for one that ran here."""
    start = so_far.start
    return f" Recorded on {start['device']}, torch {start['torch']}." if "torch" in start else ""


def training_task(desk: Desk[Any]) -> Task[Training]:
    spec = desk.spec.part(TrainingSpec)
    begin = "Run it here" if recorded(spec) else "Start this training"
    return Task(TRAINING, spec, "training", size(spec), begin)


def size(spec: TrainingSpec) -> str:
    layers = f"{spec.depth} layer{'s' if spec.depth > 1 else ''}"
    return f"Both twins, {layers} of {spec.width}, {spec.steps} steps of {spec.batch} samples"


def depths(desk: Desk[Any]) -> None:
    """How well both twins end, depth by depth."""
    spec = desk.spec.part(TrainingSpec)
    stops = spec.depths()
    task = Task(
        SWEEP, spec, "sweep",
        f"Both twins with {', '.join(map(str, stops))} layers of {spec.width}, {spec.steps} steps each",
        "Run it here" if recorded_sweep(spec) else "Start this sweep",
    )  # fmt: skip

    def draw(told: Sweep, status: Status) -> None:
        so_far = (recorded_sweep(spec) if status.state == "unknown" else None) or told
        if not len(so_far.depths):
            return
        control(desk, "reading", hidden=True, segmented=True, names=READINGS)
        chart(sweep_figure(so_far, desk.spec.reading), "residuals-sweep", height=440)
        st.caption(
            f"Each trained for {spec.steps} steps; over all {so_far.start['samples']:,} training samples. A deeper "
            "network could copy a shallower one: where it ends worse on what it was trained on, depth is in its way. "
            f"[He et al. 2015](https://arxiv.org/abs/1512.03385){origin(so_far)}"
        )
        if not status.active:
            take_away(desk, so_far.table, FILE, SWEEP, spec)

    show_job(desk, task, draw)


def highway_history(desk: Desk[Any]) -> None:
    """What becomes of the highway over the training."""
    st.header("Over the training")

    def draw(told: Training, status: Status) -> None:
        training_so_far = shown(told, status)
        if not len(training_so_far.steps):
            return
        carried, at_last = training_so_far.carried(), training_so_far.carried_last()
        ended(training_so_far)
        if math.isnan(at_last):
            st.info("The network with shortcuts has no gradient that is a number: there is nothing to split.")
            return
        past, now = st.columns([3, 2], gap="medium")
        with past:
            chart(history_figure(training_so_far), "residuals-history", height=400)
            st.caption(
                f"The bluer, the more of the gradient came by the shortcut: {carried[0]:.1%} on average at the start, "
                f"{at_last:.1%} at the last look. Over {PROBE} of the training samples."
                f"{origin(training_so_far)}"
            )
        with now:
            chart(profile_figure(training_so_far), "residuals-profile", height=445)
            st.caption("How many branches the paths go through that carry the gradient to the stem.")

    show_job(desk, training_task(desk), draw)
