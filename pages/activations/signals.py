"""Convolutional and recurrent networks that learn to tell signals apart."""

import numpy as np
import streamlit as st

from engine.activations.experiments import SEQUENCES
from engine.activations.sequence_recorded import recorded_sequence
from engine.activations.sequence_spec import HELD_OUT, SHARINGS, TESTED, SequenceSpec
from engine.activations.sequence_trained import SequenceTrained
from engine.figures.activations.sequence import sequence_figure, tested_figure
from engine.jobs import Status
from pages.ui import PageState, Task, chart, control, look, plain


def learners(found: SequenceTrained) -> list[str]:
    """The names of the paths."""
    return [curves.name for curves in found.curves]


def signals(state: PageState, so_far: SequenceTrained, status: Status) -> None:
    """Draw the view "Signals"."""
    if not len(so_far.steps):
        if status.active:
            st.caption("Preparing the signals …")
        return
    control(state, "measure", hidden=True)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(sequence_figure(so_far, state.settings.measure), "activations-signals", height=400)
        seeds = so_far.spec.seeds
        band = f" The band holds all {seeds} seeds, the line is their mean." if seeds > 1 else ""
        origin = f" Recorded with torch {so_far.start['torch']}." if "torch" in so_far.start else ""
        st.caption(f"Over {HELD_OUT:,} signals that no step sees. Dashed: guessing.{band}{origin}")
    if look().waits:
        return
    with right:
        if np.isfinite(so_far.curves[0].tested).any():
            chart(tested_figure(so_far), "activations-signals-test", height=400)
            st.caption(f"Over {TESTED:,} further signals at the end, a dot for each seed.")
    for curves in so_far.curves:
        if curves.ends:
            st.info(plain(f"{curves.name} stopped early, at {'; '.join(curves.ends)}."))


def signals_task(state: PageState) -> Task[SequenceTrained]:
    """The job that trains these networks."""
    spec = state.settings.only(SequenceSpec)
    count = len(spec.learners) * spec.seeds
    layers = f"{spec.depth} layer{'s' if spec.depth > 1 else ''}"
    what = f"{count} {SHARINGS[spec.network].lower()} network{'s' if count > 1 else ''}, {layers} of {spec.width}"
    words = f"{what}, {spec.steps} steps of {spec.batch} signals"
    return Task(SEQUENCES, spec, "training", words, kept=recorded_sequence(spec))
