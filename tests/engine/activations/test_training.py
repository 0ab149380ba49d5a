"""Networks in training: the same numbers as a plain loop, before and after an interruption, and in a recording."""

import math

import pytest
import torch
from torch import nn

from engine.activations.depth import build
from engine.activations.experiments import TRAINING
from engine.activations.presets import TRAININGS
from engine.activations.recorded import recorded
from engine.activations.trained import Trained
from engine.activations.training import train, weights
from engine.activations.training_spec import EVALUATED, EXAMPLES, TrainSpec
from engine.activations.units import Scheme
from engine.data.samples import SAMPLES
from engine.events import Checkpoint, Event
from engine.training.loop import drawn

SMALL = TrainSpec(
    depth=3,
    width=16,
    batch=16,
    steps=60,
    seeds=2,
    optimizer="sgd",
    lr=0.1,
    schemes=(Scheme(), Scheme(activation="tanh")),
)


def told(spec: TrainSpec) -> list[Event]:
    return [item for item in train(spec) if isinstance(item, dict)]


@pytest.fixture(scope="module")
def trained() -> Trained:
    return Trained.of(SMALL, told(SMALL))


def test_a_training_is_that_of_a_plain_loop(trained: Trained) -> None:
    inputs, labels, _ = SAMPLES["spirals"].load(EXAMPLES, SMALL.seed)
    network = build(SMALL.drawn(), SMALL.schemes[1], 2, SMALL.seed, 3)
    for step in range(SMALL.steps):
        chosen = drawn(len(inputs), SMALL.batch, SMALL.seed, step)
        before = weights(network)[0]
        network.zero_grad()
        nn.functional.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
        with torch.no_grad():
            for parameter in network.parameters():
                assert parameter.grad is not None
                parameter.sub_(SMALL.lr * parameter.grad)
        if step == 0:
            ratio = math.log10(float((weights(network)[0] - before).norm() / before.norm()))
            assert trained.curves[1].moved[0, 0, 0] == pytest.approx(ratio, abs=1e-5)
    with torch.no_grad():
        loss = nn.functional.cross_entropy(network(inputs[:EVALUATED]), labels[:EVALUATED])
    assert trained.curves[1].loss[0, -1] == pytest.approx(loss.item(), rel=1e-4)


def test_a_resumed_training_ends_with_the_same_numbers() -> None:
    whole = told(SMALL)
    kept: dict[str, bytes] = {}
    begun: list[Event] = []
    for item in train(SMALL):
        if isinstance(item, Checkpoint):
            kept[item.name] = item.state
        else:
            begun.append(item)
            if item.get("progress", 0) > 0.4 and item["kind"] == "tick":
                break
    resumed = begun + [item for item in train(SMALL, kept) if isinstance(item, dict)]
    one, other = (Trained.of(SMALL, events).table() for events in (whole, resumed))
    assert one.equals(other)


def test_seeds_differ_and_the_band_holds_their_mean(trained: Trained) -> None:
    curves = trained.curves[0]
    low, high = curves.band("loss")
    assert not (curves.loss[0] == curves.loss[1]).all()
    assert (low <= curves.middle("loss")).all() and (curves.middle("loss") <= high).all()


def test_a_network_that_diverges_ends_and_the_others_go_on() -> None:
    wild = SMALL.but(schemes=(Scheme(gain=10.0, initializer="large"), Scheme(activation="tanh")), lr=10.0, seeds=1)
    found = Trained.of(wild, told(wild))
    assert found.curves[0].ends and math.isnan(found.curves[0].loss[0, -1])
    assert math.isfinite(found.curves[1].loss[0, -1])


@pytest.mark.parametrize("name", TRAININGS)
def test_a_recording_begins_like_its_training(name: str) -> None:
    found = recorded(TRAININGS[name])
    assert found is not None and found.progress == 1
    short = TRAININGS[name]
    inputs, labels, _ = SAMPLES[short.data].load(EXAMPLES, short.seed)
    network = build(short.drawn(), short.schemes[0], 2, short.seed, 3)
    with torch.no_grad():
        loss = nn.functional.cross_entropy(network(inputs[:EVALUATED]), labels[:EVALUATED])
    assert found.curves[0].loss[0, 0] == pytest.approx(loss.item(), rel=1e-4)


def test_the_sigmoids_stay_at_the_loss_of_guessing() -> None:
    found = recorded(TRAININGS["who_learns"])
    assert found is not None
    relu, tanh, sigmoid = found.curves
    assert min(relu.right[:, -1].min(), tanh.right[:, -1].min()) > 0.9
    assert sigmoid.loss[:, -1] == pytest.approx(math.log(3), abs=0.01)
    assert found.chance == pytest.approx(math.log(3))


def test_its_time_is_foretold_within_a_factor_of_three() -> None:
    spec = TRAININGS["who_learns"]
    assert 4 < TRAINING.seconds(spec) < 40  # measured: 13.9 s


def test_settings_that_would_take_too_long_are_refused() -> None:
    with pytest.raises(ValueError, match="choose fewer"):
        TrainSpec(depth=50, width=512, batch=512, steps=10_000)
