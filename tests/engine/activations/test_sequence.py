"""Networks that learn signals: the same numbers as a plain loop, after an interruption, and in the recordings."""

import math
from collections.abc import Iterable

import pytest
import torch
from torch import Tensor, nn

from engine.activations.experiments import SEQUENCES
from engine.activations.sequence import assemble, read_signals, sizes, train_sequences
from engine.activations.sequence_recorded import RECORDED, recorded_sequence
from engine.activations.sequence_spec import HELD_OUT, SIGNALS, TESTED, Learner, SequenceSpec
from engine.activations.sequence_trained import SequenceTrained, short_names
from engine.events import Checkpoint, Event
from engine.nn import ACTIVATIONS
from engine.nn.networks import ConvolutionalNetwork, RecurrentNetwork
from engine.training.loop import drawn

torch.set_num_threads(1)

SMALL = SequenceSpec(
    width=4, batch=8, steps=30, seeds=2, learners=(Learner(lr=0.01), Learner(activation="tanh", lr=0.02))
)
KINDS = {"convolutional": SMALL, "recurrent": SMALL.but(network="recurrent", depth=2)}


def told(spec: SequenceSpec) -> list[Event]:
    return [item for item in train_sequences(spec) if isinstance(item, dict)]


def adam(parameters: Iterable[Tensor], slopes: list[tuple[Tensor, Tensor]], step: int, lr: float) -> None:
    """Kingma & Ba 2015, algorithm 1."""
    for weight, (mean, square) in zip(parameters, slopes, strict=True):
        assert weight.grad is not None
        mean.mul_(0.9).add_(weight.grad, alpha=0.1)
        square.mul_(0.999).add_(weight.grad.square(), alpha=0.001)
        weight.data -= lr * (mean / (1 - 0.9**step)) / ((square / (1 - 0.999**step)).sqrt() + 1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_is_that_of_a_plain_loop(kind: str) -> None:
    spec = KINDS[kind].but(steps=10)
    found = SequenceTrained.of(spec, told(spec))
    inputs, labels = read_signals(spec, SIGNALS, 0)
    network = assemble(spec, spec.learners[1], spec.seed + 7919)
    slopes = [(torch.zeros_like(weight), torch.zeros_like(weight)) for weight in network.parameters()]
    for step in range(spec.steps):
        chosen = drawn(SIGNALS, spec.batch, spec.seed, step)
        network.zero_grad()
        nn.functional.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
        adam(network.parameters(), slopes, step + 1, 0.02)
    with torch.no_grad():
        inputs, labels = read_signals(spec, HELD_OUT, 1)
        loss = nn.functional.cross_entropy(network(inputs), labels).item()
        inputs, labels = read_signals(spec, TESTED, 2)
        right = (network(inputs).argmax(1) == labels).double().mean().item()
    assert found.curves[1].loss[1, -1] == pytest.approx(loss, rel=1e-3)
    assert found.curves[1].tested[1] == pytest.approx(right, abs=0.005)


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_training_ends_with_the_same_numbers(kind: str) -> None:
    spec = KINDS[kind]
    whole = told(spec)
    kept: dict[str, bytes] = {}
    begun: list[Event] = []
    for item in train_sequences(spec):
        if isinstance(item, Checkpoint):
            kept[item.name] = item.state
        else:
            begun.append(item)
            if item["kind"] == "tick" and item["progress"] > 0.4:
                break
    resumed = begun + [item for item in train_sequences(spec, kept) if isinstance(item, dict)]
    one, other = (SequenceTrained.of(spec, events) for events in (whole, resumed))
    assert one.table().equals(other.table())
    assert (one.curves[0].size == other.curves[0].size).all() and one.curves[0].size.min() > 0


def test_the_three_parts_of_the_signals_differ() -> None:
    parts = [read_signals(SMALL, 50, part)[0] for part in range(3)]
    parts.append(read_signals(SMALL.but(seed=1), 50, 0)[0])
    assert not any(torch.equal(one, other) for number, one in enumerate(parts) for other in parts[:number])


def test_a_training_that_is_not_done_has_no_test_yet() -> None:
    found = SequenceTrained.of(SMALL, [event for event in told(SMALL) if event["kind"] != "test"])
    assert all(math.isnan(value) for curves in found.curves for value in curves.tested)
    empty = SequenceTrained.of(SMALL, [])
    assert len(empty.table()) == 0 and empty.progress == 0


def test_names_leave_out_what_all_networks_have_in_common() -> None:
    relu, tanh, other = Learner(), Learner(activation="tanh"), Learner(initializer="orthogonal")
    said = [short_names(SMALL.but(learners=learners)) for learners in ((relu, tanh), (relu, other), (relu, relu))]
    assert said[0] == ["ReLU", "tanh"]
    assert said[1] == ["ReLU · Variance-preserving", "ReLU · Orthogonal"]
    assert len(set(said[2])) == 2


def test_a_network_that_diverges_ends_and_the_others_go_on() -> None:
    wild = KINDS["recurrent"].but(learners=(Learner(initializer="large", gain=10), Learner(activation="tanh")), seeds=1)
    found = SequenceTrained.of(wild, told(wild))
    assert found.curves[0].ends and math.isnan(found.curves[0].tested[0])
    assert not found.curves[1].ends and 0 <= found.curves[1].tested[0] <= 1


def test_a_scheme_draws_the_weights_from_state_to_state() -> None:
    spec = KINDS["recurrent"].but(width=30)
    network = assemble(spec, Learner(initializer="identity", gain=0.5, bias=0.3), 0)
    assert isinstance(network, RecurrentNetwork)
    for layer in network.layers:
        cell = layer.cell
        assert torch.equal(cell.weight_hh, 0.5 * torch.eye(30)) and (cell.bias_ih == 0.3).all()  # type: ignore[union-attr, arg-type]


def test_with_lecuns_rule_each_convolution_with_relu_halves_the_mean_square_and_with_hes_it_keeps_it() -> None:
    """Away from the ends, where zeros are added: the signals are long here."""
    signal = torch.randn(4, 1, 4_000, generator=torch.Generator().manual_seed(5))
    for rule, factor in (("lecun_normal", 0.5), ("he_normal", 1.0)):
        network = ConvolutionalNetwork((1, 4_000), 128, 7, 10, ACTIVATIONS["relu"])
        drawn_like = assemble(SequenceSpec(depth=7, width=128), Learner(initializer=rule), 1)
        for layer, other in zip(network.layers, drawn_like.layers, strict=True):
            layer.load_state_dict(other.state_dict())
        squares = [size**2 for size in sizes(network, signal)]
        assert squares[-1] / squares[1] == pytest.approx(factor**5, rel=0.3)


def test_its_time_is_foretold_within_a_factor_of_three() -> None:
    measured = {"convolutions": 80.0, "deep_convolutions": 88.0, "recurrent": 119.0}
    for name, seconds in measured.items():
        assert seconds / 3 < SEQUENCES.seconds(RECORDED[name]) < 3 * seconds


def test_settings_that_would_take_too_long_are_refused() -> None:
    with pytest.raises(ValueError, match="choose fewer"):
        SequenceSpec(depth=30, width=128, batch=256, steps=5_000)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_begins_like_its_training(name: str) -> None:
    spec = RECORDED[name]
    found = recorded_sequence(spec)
    assert found is not None and found.progress == 1
    inputs, labels = read_signals(spec, HELD_OUT, 1)
    for number in (0, len(spec.learners) - 1):
        network = assemble(spec, spec.learners[number], spec.seed)
        with torch.no_grad():
            loss = nn.functional.cross_entropy(network(inputs), labels).item()
        assert found.curves[number].loss[0, 0] == pytest.approx(loss, rel=1e-4)
        assert found.curves[number].size[0] == pytest.approx(sizes(network, inputs), rel=1e-4)
