"""The training of both twins: curves and gradients step by step, and the final results for several depths."""

import streamlit as st

from engine.figures.residuals import gradients_figure, learning_figure, sweep_figure
from engine.jobs import Status
from engine.residuals.experiments import SWEEP, TRAINING
from engine.residuals.recorded import recorded, recorded_sweep
from engine.residuals.spec import EVALUATED, PROBE, TrainingSpec
from engine.residuals.trained import Sweep, Training
from engine.signals.flow import TWINS
from pages.ui import PageState, Task, chart, control, look, plain


def training(state: PageState, so_far: Training, status: Status) -> None:
    """Draw the view "Training": both twins learn from the same batches."""
    if not len(so_far.steps):
        preparing(status)
        return
    control(state, "reading", hidden=True)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(learning_figure(so_far, state.settings.reading, look().waits), "residuals-learning", height=400)
        st.caption(
            f"On {so_far.start['source']}: over {EVALUATED:,} of the training samples, the same at each evaluation. "
            f"Both twins see the same batches.{origin(so_far)}"
        )
    with right:
        chart(gradients_figure(so_far), "residuals-gradients", height=445)
        st.caption(f"Each layer's gradient over {PROBE} of these samples, at the step that the player has reached.")
    ended(so_far)


def preparing(status: Status) -> None:
    """Draw a line of text while an active job has reported nothing yet."""
    if status.active:
        st.caption("Preparing the data …")


def ended(so_far: Training) -> None:
    """Say which twin stopped early, and why, unless the visitor is asked to predict it."""
    if look().waits:
        return
    for twin, reason in so_far.ends.items():
        st.info(plain(f"{TWINS[twin]} the training ended at {reason}."))


def origin(so_far: Training | Sweep) -> str:
    """A sentence on where a recorded training ran; "" for a training that ran here."""
    start = so_far.start
    return f" Recorded on {start['device']}, torch {start['torch']}." if "torch" in start else ""


def training_task(state: PageState) -> Task[Training]:
    """The job that trains both twins with these settings."""
    spec = state.settings.only(TrainingSpec)
    layers = f"{spec.depth} layer{'s' if spec.depth > 1 else ''}"
    size = f"Both twins, {layers} of {spec.width}, {spec.steps} steps of {spec.batch} samples"
    return Task(TRAINING, spec, "training", size, kept=recorded(spec))


def depths(state: PageState, so_far: Sweep, status: Status) -> None:
    """Draw the view "Which depth trains": the final result of both twins for each depth."""
    if not len(so_far.depths):
        preparing(status)
        return
    control(state, "reading", hidden=True)
    chart(sweep_figure(so_far, state.settings.reading), "residuals-sweep", height=440)
    st.caption(
        f"Each was trained for {so_far.spec.steps} steps and measured on all {so_far.start['samples']:,} training "
        "samples. A deeper network could copy a shallower one. If it ends worse on its own training samples, its depth "
        "made it harder to train. "
        f"[He et al. 2015](https://arxiv.org/abs/1512.03385){origin(so_far)}"
    )


def sweep_task(state: PageState) -> Task[Sweep]:
    """The job that trains both twins at each depth with these settings."""
    spec = state.settings.only(TrainingSpec)
    stops = ", ".join(map(str, spec.depths()))
    size = f"Both twins with {stops} layers of {spec.width}, {spec.steps} steps each"
    return Task(SWEEP, spec, "sweep", size, kept=recorded_sweep(spec))
