"""Train convolutional or recurrent networks that differ in their schemes to tell signals apart."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.activations.sequence_spec import HELD_OUT, SEQUENCE_LOOKS, SIGNALS, TESTED, Learner, SequenceSpec
from engine.data.mnist1d import DIGIT_SHAPES, SIGNAL_LENGTH, mnist1d
from engine.devices import one_thread
from engine.events import Checkpoint, Event
from engine.nn import INITIALIZERS, Convolution, ElmanCell
from engine.nn.networks import ConvolutionalNetwork, RecurrentNetwork
from engine.training.checkpoints import pack, unpack
from engine.training.loop import Clock, Trainer, drawn, take_steps

SequenceNetwork = ConvolutionalNetwork | RecurrentNetwork


def train_sequences(spec: SequenceSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Train all networks of ``spec``. ``engine.events`` explains events, checkpoints and how work is resumed.

    Kinds of events:
    "start": "NETWORK/SEED" -> the root mean square of each layer's outputs before the training.
    "look": all networks after a number of steps: "NETWORK/SEED" -> loss and accuracy over ``HELD_OUT`` signals that
        no step sees. "test": "NETWORK/SEED" -> the accuracy over ``TESTED`` further ones, after the last step.
    "end": a network that cannot go on, and the reason. "tick": only the progress.

    Raises ValueError if a checkpoint is damaged.
    """
    with one_thread(True):
        yield from _train_sequences(spec, checkpoints or {})


def _train_sequences(spec: SequenceSpec, checkpoints: Mapping[str, bytes]) -> Iterator[Event | Checkpoint]:
    inputs, labels = read_signals(spec, SIGNALS, 0)
    held = read_signals(spec, HELD_OUT, 1)
    trainers = sequence_trainers(spec)
    started: Event = {"kind": "start", "key": "start"}
    for name, trainer in trainers.items():
        started[name] = sizes(trainer.network, held[0])
    yield started
    first = 0
    if "networks" in checkpoints:
        state = unpack(checkpoints["networks"], "the networks")
        first = state["step"]
        for name, trainer in trainers.items():
            trainer.restore(state[name])

    def batch(step: int) -> tuple[Tensor, Tensor]:
        chosen = drawn(len(inputs), spec.batch, spec.seed, step)
        return inputs[chosen], labels[chosen]

    looks = sorted({round(number * spec.steps / (SEQUENCE_LOOKS - 1)) for number in range(SEQUENCE_LOOKS)})
    for last, step in pairwise([first, *(step for step in looks if step >= first)]):
        for done in take_steps(list(trainers.values()), range(last, step), batch, lambda _: 1.0, Clock()):
            yield {"kind": "tick", "progress": done / spec.steps}
        for name, trainer in trainers.items():
            if trainer.ended:
                reason = f"step {trainer.step + 1}: {trainer.ended}"
                yield {"kind": "end", "key": f"end/{name}", "network": name, "reason": reason}
        seen: Event = {"kind": "look", "key": f"look/{step}", "step": step, "progress": step / spec.steps}
        yield seen | {name: scores(each.network, *held) for name, each in trainers.items() if not each.ended}
        yield Checkpoint("networks", pack({"step": step} | {name: each.state() for name, each in trainers.items()}))
    tested = read_signals(spec, TESTED, 2)
    ends: Event = {"kind": "test", "key": "test"}
    yield ends | {name: scores(each.network, *tested)[1] for name, each in trainers.items() if not each.ended}


def read_signals(spec: SequenceSpec, count: int, part: int) -> tuple[Tensor, Tensor]:
    """Signals as the networks read them, and their classes. part: another number gives other signals.

    A convolution reads one channel, [count, 1, L]. A recurrent network reads one number per step, [count, L, 1].
    """
    found, labels = mnist1d(count, 3 * spec.seed + part)
    return found.unsqueeze(1 if spec.network == "convolutional" else 2), labels


def sequence_trainers(spec: SequenceSpec) -> dict[str, Trainer[SequenceNetwork]]:
    """Fresh trainers by name, "NETWORK/SEED". A network's weights depend only on its scheme and its seed."""
    found = {}
    for number, scheme in enumerate(spec.learners):
        for place in range(spec.seeds):
            network = assemble(spec, scheme, spec.seed + 7919 * place)
            optimizer = torch.optim.Adam(network.parameters(), lr=scheme.lr)
            found[f"{number}/{place}"] = Trainer(network, optimizer, sequence_loss)
    return found


def assemble(spec: SequenceSpec, scheme: Learner, seed: int) -> SequenceNetwork:
    """Draw the network of ``scheme``. The head, and the weights of a cell's inputs, are drawn by LeCun's rule.

    If no gain keeps a signal, because E f^2 is 0, infinite or has no value, the initialization gets the gain 1.
    """
    generator = torch.Generator().manual_seed(seed)
    activation, classes = scheme.function(spec.formula), len(DIGIT_SHAPES)
    rule, lecun = INITIALIZERS[scheme.initializer], INITIALIZERS["lecun_normal"]
    gain = activation.gain if 0 < activation.gain < math.inf else 1.0
    network: SequenceNetwork
    if spec.network == "convolutional":
        network = ConvolutionalNetwork((1, SIGNAL_LENGTH), spec.width, spec.depth, classes, activation)
    else:
        network = RecurrentNetwork(1, spec.width, spec.depth, classes, activation)
    for part in network.modules():
        if isinstance(part, Convolution):
            part.draw(rule, gain, generator)
            weight, bias = part.weight, part.bias
        elif isinstance(part, ElmanCell):
            part.draw(lecun, rule, gain, generator)
            weight, bias = part.weight_hh, part.bias_ih
        else:
            continue
        weight.data.mul_(scheme.gain)
        bias.data.normal_(scheme.bias, scheme.bias_spread, generator=generator)
    network.head.weight.data = lecun.draw(classes, network.head.in_features, 1.0, generator)
    network.head.bias.data.zero_()
    return network


def sequence_loss(network: SequenceNetwork, inputs: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of a batch."""
    return nn.functional.cross_entropy(network(inputs), labels)


def scores(network: SequenceNetwork, inputs: Tensor, labels: Tensor) -> list[float]:
    """The mean cross-entropy over samples, and the share of them that the network gets right."""
    with torch.no_grad():
        logits = network(inputs)
        loss = nn.functional.cross_entropy(logits, labels)
        return [loss.item(), (logits.argmax(1) == labels).double().mean().item()]


def sizes(network: SequenceNetwork, inputs: Tensor) -> list[float]:
    """The root mean square of each layer's outputs."""
    with torch.no_grad():
        return [state.double().square().mean().sqrt().item() for state in network.outputs(inputs)]
