"""The training of several networks on the same batches, with what happens to their units."""

from collections.abc import Callable

import streamlit as st

from engine.activations.experiments import TRAINING
from engine.activations.finding import training_advice
from engine.activations.recorded import recorded
from engine.activations.trained import Trained
from engine.activations.training_spec import EVALUATED, TrainSpec
from engine.figures.activations import layer_figure, trained_figure
from engine.jobs import Status
from pages.ui import PageState, Task, chart, control, jobs, look, plain

SHOWN = "activations/trained"
"""Where the session keeps the settings of the training that was shown last."""

SEEN = {
    "loss": f"Over {EVALUATED:,} of the training samples. Dashed: the loss of guessing.",
    "right": f"The share of {EVALUATED:,} training samples that the network gets right.",
    "silent": "Units that are 0, with slope 0, for every input. They no longer learn.",
    "flat": "Slopes below the threshold: these units pass hardly any gradient on.",
    "moved": "How far the step after each look moved the weights. A common rule wants −3, the dashed line.",
}
"""Reading -> the caption below its picture."""


def networks(found: Trained) -> list[str]:
    """The names of the paths."""
    return [curves.name for curves in found.curves]


def _last() -> Trained:
    """The training that was shown last in this session, or else the recorded one with which the view opens."""
    spec = st.session_state.get(SHOWN, TrainSpec())
    found = recorded(spec) or jobs().result(TRAINING, spec)
    first = recorded(TrainSpec())
    assert first is not None
    return found if len(found.steps) else first


def training(state: PageState, so_far: Trained, status: Status) -> None:
    """Draw the view "Training". Until there is a picture, the training that was shown last stands in its place."""
    with st.container():  # made even if it stays empty, so that the charts below keep their place
        if len(so_far.steps):
            st.session_state[SHOWN] = so_far.spec
        else:
            now = "Preparing the data …" if status.active else "Nothing has been trained with these settings yet."
            st.caption(f"{now} Until then, the last training stands here.")
            so_far = _last()
    control(state, "reading", hidden=True)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(trained_figure(so_far, state.settings.reading, look().waits), "activations-training", height=400)
        seeds = so_far.spec.seeds
        band = f" The band holds all {seeds} seeds, the line is their mean." if seeds > 1 else ""
        origin = f" Recorded with torch {so_far.start['torch']}." if "torch" in so_far.start else ""
        st.caption(
            f"{SEEN[state.settings.reading]} On {so_far.start['source']}.{band} The same seed draws the same weights "
            f"and batches, so a change of one setting can be seen alone.{origin}"
        )
    with right:
        layer = min(state.settings.layer, so_far.spec.depth)
        chart(layer_figure(so_far, layer), "activations-layer", height=445)
        st.caption(
            "How often each output of one layer occurs, from the first step down to the last. Outputs are divided by "
            "their root mean square, and spikes are cut off."
        )
        control(state, "layer")
    if look().waits:
        return
    if said := training_advice(so_far):
        st.info("  \n".join(map(plain, said)), icon=":material/lightbulb:")
    if so_far.spec == state.spec and not status.active:
        _again(state)
    for curves in so_far.curves:
        if curves.ends:
            st.info(plain(f"{curves.name} stopped early, at {'; '.join(curves.ends)}."))


def _again(state: PageState) -> None:
    """Draw the two buttons that repeat a training: with other batches alone, or with other weights too."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, name in (("Again with the same weights", "order"), ("Again with new weights", "seed")):
            st.button(label, key=f"{state.name}/again-{name}", icon=":material/replay:", on_click=_repeat(state, name))
        st.caption("The same weights see other batches. New weights show what the draw decides. The old curves stay.")


def _repeat(state: PageState, name: str) -> Callable[[], None]:
    """The callback that raises the setting ``name`` by 1 and starts the training."""

    def act() -> None:
        state.change((name,), getattr(state.settings, name) + 1)
        training_task(state).start()

    return act


def training_task(state: PageState) -> Task[Trained]:
    """The job that trains these networks."""
    spec = state.settings.only(TrainSpec)
    count = len(spec.schemes) * spec.seeds
    what = f"{count} network{'s' if count > 1 else ''}, {spec.depth} layers of {spec.width}"
    return Task(TRAINING, spec, "training", f"{what}, {spec.steps} steps of {spec.batch} samples", kept=recorded(spec))
