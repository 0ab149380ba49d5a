"""The figures of a training and of a sweep contain the right numbers and move with the page's player."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from engine.events import Event
from engine.figures.residuals import (
    READINGS,
    gradients_figure,
    history_figure,
    learning_figure,
    profile_figure,
    sweep_figure,
)
from engine.residuals.spec import TrainingSpec
from engine.residuals.trained import Sweep, Training
from engine.residuals.training import sweep, train
from engine.signals.flow import TWINS

SPEC = TrainingSpec(depth=5, width=8, batch=8, steps=45, block=2, seed=3)

DIVERGING = SPEC.but(optimizer="sgd", lr=10, depth=30, block=1, activation="relu", initializer="he_normal", gain=0.7)


def reported(work: Any) -> list[Event]:
    return [item for item in work if isinstance(item, dict)]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return reported(train(SPEC))


FIGURES: dict[str, Callable[[Training], go.Figure]] = {
    **{reading: partial(learning_figure, reading=reading) for reading in READINGS},
    "gradients": gradients_figure,
    "history": history_figure,
    "profile": profile_figure,
}


@pytest.mark.parametrize("spec", [SPEC, DIVERGING], ids=["to the end", "until it diverged"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_valid_from_the_first_look_on(name: str, spec: TrainingSpec) -> None:
    events = reported(train(spec))
    for until in (2, len(events)):
        figure = FIGURES[name](Training.of(spec, events[:until]))
        json.loads(figure.to_json(), parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
        assert figure.layout.meta["alt"].endswith(".")


@pytest.mark.parametrize("reading", READINGS)
def test_a_learning_curve_that_waits_does_not_hint_at_the_result(reading: str) -> None:
    waiting = [
        learning_figure(Training.of(spec, reported(train(spec))), reading, waits=True)
        for spec in (SPEC, SPEC.but(lr=1, warmup=20))  # the same beginning
    ]
    assert waiting[0].layout.yaxis == waiting[1].layout.yaxis


def test_the_figures_move_over_the_same_steps(events: list[Event]) -> None:
    training = Training.of(SPEC, events)
    for reading in READINGS:
        assert learning_figure(training, reading).layout.meta["player"]["steps"] == SPEC.steps
    for figure, values in (
        (gradients_figure(training), training.gradient["plain"]),
        (profile_figure(training), training.lengths),
    ):
        assert list(figure.data[0].meta["at"]) == training.steps.tolist()
        np.testing.assert_allclose(np.array(figure.data[0].meta["rows"]), values, rtol=1e-6)


def test_the_history_is_drawn_shortcut_by_step(events: list[Event]) -> None:
    training = Training.of(SPEC, events)
    (trace,) = history_figure(training).data
    np.testing.assert_allclose(np.array(trace.z), training.shortcut.T, rtol=1e-6)


@pytest.mark.parametrize("reading", READINGS)
def test_a_sweep_is_drawn_twin_by_twin(reading: str) -> None:
    found = Sweep.of(SPEC, reported(sweep(SPEC.but(steps=10))))
    for trace, (twin, values) in zip(sweep_figure(found, reading).data, getattr(found, reading).items(), strict=True):
        assert trace.name == TWINS[twin] and list(trace.y) == values.tolist()
