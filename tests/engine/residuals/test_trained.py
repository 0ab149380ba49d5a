"""The events of a training and of a sweep, folded into arrays."""

import json
from typing import Any

import numpy as np
import pytest

from engine.events import Event
from engine.figures.residuals import (
    history_figure,
)
from engine.residuals.spec import TrainingSpec
from engine.residuals.trained import Sweep, Training
from engine.residuals.training import sweep, train

SPEC = TrainingSpec(depth=5, width=8, batch=8, steps=45, block=2, seed=3)

DIVERGING = SPEC.but(optimizer="sgd", lr=10, depth=30, block=1, activation="relu", initializer="he_normal", gain=0.7)


def reported(work: Any) -> list[Event]:
    return [item for item in work if isinstance(item, dict)]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return reported(train(SPEC))


def test_each_look_stands_in_its_place(events: list[Event]) -> None:
    training = Training.of(SPEC, events)
    looks = [event for event in events if event["kind"] == "look"]
    assert training.steps.tolist() == [look["step"] for look in looks]
    assert training.loss["plain"].tolist() == [look["plain"]["loss"] for look in looks]
    assert training.gradient["residual"][4].tolist() == looks[4]["residual"]["gradient"]
    assert training.shortcut.shape == (len(looks), 3) and training.lengths.shape == (len(looks), 4)
    assert training.progress == 1 and training.ends == {}


def test_what_was_reported_twice_counts_once(events: list[Event]) -> None:
    again = [*events[: len(events) // 2], *events[len(events) // 3 :]]
    for table in (Training.of(SPEC, again).table(), Training.of(SPEC, reversed(events)).table()):
        assert table.equals(Training.of(SPEC, events).table())


def test_before_the_first_look_everything_is_empty(events: list[Event]) -> None:
    training = Training.of(SPEC, events[:1])
    assert training.start["source"] == "three spirals"
    assert len(training.steps) == len(training.loss["plain"]) == 0 and training.table().empty


def test_the_table_has_a_row_a_look_twin_and_layer(events: list[Event]) -> None:
    training = Training.of(SPEC, events)
    table = training.table().set_index(["step", "twin", "layer"])
    assert len(table) == 2 * 5 * len(training.steps)
    row = table.xs((45, "residual", 5))  # the third span contains only the fifth layer
    assert (row["loss"], row["weight_gradient"], row["shortcut"]) == (
        training.loss["residual"][-1], training.gradient["residual"][-1, 4], training.shortcut[-1, 2]
    )  # fmt: skip


def test_a_twin_that_ended_has_no_numbers_after_it() -> None:
    training = Training.of(DIVERGING, json.loads(json.dumps(reported(train(DIVERGING)))))
    assert "residual" in training.ends
    assert np.isfinite(training.loss["residual"][0]) and np.isnan(training.loss["residual"][-1])
    assert np.isfinite(training.loss["plain"]).all()


def test_a_twin_that_never_had_a_gradient_carries_none() -> None:
    spec = SPEC.but(activation="identity", gain=10, depth=60, width=64)
    training = Training.of(spec, reported(train(spec)))
    assert np.isnan(training.carried()).all() and np.isnan(training.carried_last())
    assert history_figure(training).layout.meta["alt"].endswith(".")


def test_a_sweep_s_losses_stand_at_their_depths() -> None:
    events = reported(sweep(SPEC.but(steps=10)))
    found = Sweep.of(SPEC, events)
    ends = [event for event in events if event["kind"] == "depth"]
    assert found.depths.tolist() == [1, 2, 3, 5]
    assert found.loss["plain"].tolist() == [end["plain"]["loss"] for end in ends]
    broken = [event | {"plain": None} if event.get("depth") == 3 else event for event in events]
    assert np.isnan(Sweep.of(SPEC, broken).loss["plain"]).tolist() == [False, False, True, False]
    assert len(found.table()) == 8
