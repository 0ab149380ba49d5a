"""Networks in training: the same numbers as a plain loop, before and after an interruption, and in a recording."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.activations.depth import build
from engine.activations.experiments import TRAINING
from engine.activations.finding import training_advice, training_finding
from engine.activations.presets import TRAININGS
from engine.activations.recorded import recorded
from engine.activations.trained import Trained
from engine.activations.training import train, weights
from engine.activations.training_spec import EVALUATED, EXAMPLES, TrainSpec
from engine.activations.units import Scheme
from engine.data.samples import SAMPLES
from engine.events import Checkpoint, Event
from engine.figures.activations import READINGS, layer_figure, trained_figure
from engine.training.loop import drawn
from tests.engine.activations.digits import PLACE, drawn_digits

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


def test_the_order_of_the_batches_changes_while_the_weights_stay(trained: Trained) -> None:
    other = Trained.of(SMALL.but(order=1), told(SMALL.but(order=1)))
    for one, two in zip(trained.curves, other.curves, strict=True):
        assert (one.loss[:, 0] == two.loss[:, 0]).all() and (one.loss[:, -1] != two.loss[:, -1]).all()


@pytest.mark.parametrize(
    ("scheme", "more"),
    [
        (Scheme(activation="own"), {"formula": "log(z)"}), (Scheme(gain=0.0), {}), (Scheme(gain=10.0), {}),
        (Scheme(activation="own"), {"formula": "0*z"}), (Scheme(activation="squared_relu", gain=10.0), {"depth": 30}),
        (Scheme(bias=-20.0), {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", [1, 4])
def test_bad_networks_end_with_a_reason_or_learn_nothing(scheme: Scheme, more: dict[str, Any], width: int) -> None:
    spec = TrainSpec(**({"depth": 3, "steps": 20, "seeds": 1, "batch": 8, "width": width, "schemes": (scheme,)} | more))
    found = Trained.of(spec, told(spec))
    curves = found.curves[0]
    lost = not np.isfinite(curves.loss[0, -1])
    assert lost == bool(curves.ends)
    if scheme.activation == "own" and spec.formula == "log(z)":
        assert "step 1: " in curves.ends[0]
    if scheme.bias < 0:
        assert (curves.silent == 1).all() and (curves.moved[0, :-1, 0] != curves.moved[0, :-1, 0]).all()
    for reading in READINGS:
        trained_figure(found, reading)
    layer_figure(found, 1)
    assert len(found.table()) == len(found.steps) * spec.depth
    assert "nan" not in training_finding(found)


def test_digits_are_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PLACE, drawn_digits)
    spec = TrainSpec(depth=2, width=32, steps=80, seeds=1, data="mnist", lr=0.01, schemes=(Scheme(),))
    found = Trained.of(spec, told(spec))
    assert found.start["classes"] == 10 and found.chance == pytest.approx(math.log(10))
    right = found.curves[0].right[0]
    assert right[0] < 0.3 and right[-1] > 0.75


def test_the_ridge_of_a_training_has_a_row_for_every_second_look(trained: Trained) -> None:
    faint, lit = layer_figure(trained, 2).data[:2]
    count = trained.middles.size + 3
    rows = faint.customdata.reshape(-1, count, 2)
    assert rows[:, 0, 1].tolist() == trained.steps[::2].tolist()
    np.testing.assert_allclose(rows[4, 1:-2, 0], trained.curves[0].histogram[8, 1], rtol=1e-6)
    assert list(lit.meta["at"]) == trained.steps.tolist() and len(lit.meta["rows"]) == len(trained.steps)


def test_a_waiting_figure_shows_only_the_start(trained: Trained) -> None:
    for reading in READINGS:
        figure = trained_figure(trained, reading, waits=True)
        assert all(set(trace.x) <= {0} for trace in figure.data)
    low, high = trained_figure(trained, "loss", waits=True).layout.yaxis.range
    assert low < -2 and high > 2


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


def test_ten_layers_of_sigmoids_keep_a_millionth_of_the_differences_and_of_the_gradient() -> None:
    spec = TRAININGS["who_learns"]
    inputs, labels, _ = SAMPLES[spec.data].load(EXAMPLES, spec.seed)
    network = build(spec.drawn(), spec.schemes[2], 2, spec.seed, 3)
    states = [inputs[:256]]
    for layer in network.layers:
        states.append(layer(states[-1]))
    first, last = (
        float((state.std(0).norm() / state.norm(dim=1).mean()).detach()) for state in (states[1], states[-1])
    )
    nn.functional.cross_entropy(network.head(states[-1]), labels[:256]).backward()
    back = [parameter.grad.norm().item() for name, parameter in network.named_parameters() if name.endswith("r.weight")
            and parameter.grad is not None]  # fmt: skip
    assert 1e-7 < last / first < 1e-5 and 1e-7 < back[0] / back[-1] < 1e-5


def test_the_advice_names_the_measurement_that_it_rests_on() -> None:
    said = {name: training_advice(found) for name in TRAININGS if (found := recorded(TRAININGS[name]))}
    (killed,) = said["killed"]
    found = recorded(TRAININGS["killed"])
    assert found is not None
    worst = found.curves[0].silent[:, -1].mean(0).max()
    assert killed.startswith(f"ReLU · Kaiming normal: {worst:.0%} of the units of layer") and "leaky ReLU" in killed
    (sigmoid,) = said["who_learns"]
    assert sigmoid.startswith("Sigmoid") and "still that of guessing" in sigmoid
    (hockey,) = said["hockey"]
    assert "Scale the last layer down" in hockey
    assert not any(said[name] for name in ("killed_not", "shallow", "hockey_not", "who_learns_scaled"))


def test_the_finding_is_about_the_reading() -> None:
    found = recorded(TRAININGS["killed"])
    assert found is not None
    share = found.curves[0].middle("silent")[-1]
    assert f"silent units of all layers: ReLU · Kaiming normal {share:.0%}" in training_finding(found, "silent")
    assert "has a loss of" in training_finding(found, "loss")


def test_its_time_is_foretold_within_a_factor_of_three() -> None:
    spec = TRAININGS["who_learns"]
    assert 4 < TRAINING.seconds(spec) < 40  # measured: 13.9 s


def test_settings_that_would_take_too_long_are_refused() -> None:
    with pytest.raises(ValueError, match="choose fewer"):
        TrainSpec(depth=50, width=512, batch=512, steps=10_000)
