"""The twins' training against a plain torch loop, and as a long computation that stops and resumes."""

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from engine.data import DataUnavailable
from engine.data.samples import SAMPLES
from engine.events import Checkpoint
from engine.residuals.spec import (
    EVALUATED,
    EXAMPLES,
    LOOKS,
    MOST_TRAINING,
    PROBE,
    TrainingSpec,
    path_samples,
    path_work,
)
from engine.residuals.training import sweep, train
from engine.signals import build

SPEC = TrainingSpec(depth=4, width=8, batch=16, steps=50, lr=0.01, seed=7)


def events(spec: TrainingSpec, kind: str) -> list[dict[str, Any]]:
    return [item for item in train(spec) if isinstance(item, dict) and item["kind"] == kind]


@pytest.mark.parametrize("change", [{}, {"norm": "batch"}, {"optimizer": "momentum", "warmup": 20}, {"scale": "zero"}])
def test_both_twins_train_as_a_plain_loop_on_the_same_batches_does(change: dict[str, Any]) -> None:
    spec = SPEC.but(**change)
    inputs, labels, _ = SAMPLES["spirals"].load(EXAMPLES, spec.seed)
    last = events(spec, "look")[-1]
    for network, name in zip(build(spec, 2), ("plain", "residual"), strict=True):
        optimizer = (
            torch.optim.Adam(network.parameters(), lr=0.01)
            if spec.optimizer == "adam"
            else torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
        )
        warmed = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min(1, (step + 1) / spec.warmup) if spec.warmup else 1
        )
        for step in range(spec.steps):
            chosen = torch.randint(len(inputs), (16,), generator=torch.Generator().manual_seed(7 * 100_003 + step))
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
            optimizer.step()
            warmed.step()
        loss = nn.functional.cross_entropy(network(inputs[:EVALUATED]), labels[:EVALUATED]).item()
        assert last[name]["loss"] == pytest.approx(loss, rel=1e-6)


def test_a_training_goes_on_from_its_checkpoint_with_the_same_numbers() -> None:
    spec = SPEC.but(norm="batch")
    whole = list(train(spec))
    checkpoints: dict[str, bytes] = {}
    for item in train(spec):
        if isinstance(item, Checkpoint):
            checkpoints[item.name] = item.state
        elif item["kind"] == "look" and item["step"] > 20:
            break
    first = {item["key"]: item for item in whole if isinstance(item, dict) and "key" in item}
    again = [item for item in train(spec, checkpoints) if isinstance(item, dict) and "key" in item]
    assert next(item["step"] for item in again if item["kind"] == "look") == 19
    assert all(first[item["key"]] == item for item in again)


def test_shares_of_the_highway_sum_to_one_at_every_look() -> None:
    looks = events(SPEC, "look")
    assert (looks[0]["step"], looks[-1]["step"]) == (0, 50)
    for look in looks:
        assert sum(look["highway"]["lengths"]) == pytest.approx(1, rel=1e-4)
        assert len(look["highway"]["shortcut"]) == len(look["plain"]["gradient"]) == 4


def test_a_twin_that_diverges_ends_with_its_reason_and_the_other_goes_on() -> None:
    spec = SPEC.but(optimizer="sgd", lr=10, depth=30, activation="relu", initializer="he_normal", gain=0.7)
    (end, *_) = events(spec, "end")
    assert end["twin"] == "residual" and "the loss became" in end["reason"]
    assert "plain" in events(spec, "look")[-1]


def test_without_the_digits_there_is_nothing_to_train_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADIENT_LAB_DATA", str(tmp_path))
    with pytest.raises(DataUnavailable, match="MNIST is not available"):
        next(train(SPEC.but(data="mnist")))


def test_gradients_are_those_of_the_first_samples_that_are_evaluated() -> None:
    inputs, labels, _ = SAMPLES["spirals"].load(EXAMPLES, SPEC.seed)
    look = events(SPEC, "look")[0]
    for network, name in zip(build(SPEC, 2), ("plain", "residual"), strict=True):
        nn.functional.cross_entropy(network(inputs[:PROBE]), labels[:PROBE]).backward()
        own = [
            layer.linear.weight.grad.norm().item() for layer in network.layers() if layer.linear.weight.grad is not None
        ]
        assert look[name]["gradient"] == pytest.approx(own, rel=1e-5)


def test_gradients_whose_squares_leave_float32_are_told_all_the_same() -> None:
    look = events(SPEC.but(depth=100, steps=10), "look")[0]
    gradients = look["plain"]["gradient"]
    assert min(gradients) > 0 and max(gradients[:-1]) < 1e-12


def test_a_sweep_trains_each_depth_and_goes_on_where_it_stopped() -> None:
    spec = SPEC.but(steps=10)
    whole = list(sweep(spec))
    depths = [item for item in whole if isinstance(item, dict) and item["kind"] == "depth"]
    assert [item["depth"] for item in depths] == [1, 2, 3, 4]
    checkpoint = next(item for item in whole if isinstance(item, Checkpoint) and item.state == b"2")
    rest = [item for item in sweep(spec, {"done": checkpoint.state}) if isinstance(item, dict)]
    assert [item for item in rest if item["kind"] == "depth"] == depths[2:]
    shares = [item["progress"] for item in whole if isinstance(item, dict) and "progress" in item]
    assert shares == sorted(shares) and shares[-1] == 1


def test_deep_plain_networks_do_not_learn_where_residual_ones_do() -> None:
    spec = TrainingSpec(depth=40, width=32, batch=64, steps=150, lr=0.003, norm="pre", activation="relu")
    last = events(spec, "look")[-1]
    assert last["residual"]["loss"] < 0.5 * last["plain"]["loss"]


def test_what_would_take_hours_is_refused() -> None:
    with pytest.raises(ValidationError, match="fewer steps or less depth"):
        SPEC.but(depth=200, width=256, batch=64, steps=10_000)


def test_the_split_of_the_gradients_counts_to_the_work_of_a_training() -> None:
    """A training can be refused even if its steps alone are within the limit."""
    spec = TrainingSpec(depth=200, width=256, batch=64, steps=10)
    most = int(MOST_TRAINING / spec.work())
    assert most * spec.work() <= MOST_TRAINING < most * spec.work() + LOOKS * path_work(spec, PROBE)
    with pytest.raises(ValidationError, match="fewer steps or less depth"):
        spec.but(steps=most)


def test_no_more_gradients_are_split_than_the_batch_has() -> None:
    assert path_samples(TrainingSpec(depth=2, width=8, batch=16)) == 16
