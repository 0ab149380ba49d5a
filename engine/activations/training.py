"""Train networks that differ in their schemes on the same batches, and watch their units while they learn."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.activations.depth import Network, build, length, shares
from engine.activations.training_spec import EVALUATED, EXAMPLES, LOOKS, TrainSpec
from engine.data.samples import SAMPLES
from engine.devices import device_name, one_thread
from engine.events import Checkpoint, Event
from engine.nn import Layer
from engine.nn.capture import capture
from engine.training.checkpoints import pack, unpack
from engine.training.loop import Clock, Trainer, drawn, take_steps

PROBE = 256
"""The number of training samples whose activations are recorded. Each record uses the same samples."""

Trainers = dict[str, Trainer[Network]]
"""By name: "NETWORK/SEED", both counted from 0."""


def train(spec: TrainSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Train all networks of ``spec``. ``engine.events`` explains events, checkpoints and how work is resumed.

    Kinds of events:
    "start": the data, the number of classes and the device.
    "look": all networks after a number of steps: "NETWORK/SEED" -> loss, accuracy, and for each layer the shares of
        silent units and of flat slopes; for the first seed also the histograms of the outputs.
    "moved": "NETWORK/SEED" -> log10 of ||dW|| / ||W|| of each layer, for the step after a look.
    "end": a network that cannot go on, and the reason. "tick": only the progress.

    Raises DataUnavailable if the data cannot be loaded, and ValueError if a checkpoint is damaged.
    """
    with one_thread(spec.width <= 128):
        yield from _train(spec, checkpoints or {})


def _train(spec: TrainSpec, checkpoints: Mapping[str, bytes]) -> Iterator[Event | Checkpoint]:
    inputs, labels, source = SAMPLES[spec.data].load(EXAMPLES, spec.seed)
    classes = int(labels.max()) + 1
    trainers = trainers_of(spec, inputs, classes)
    first = 0
    if "networks" in checkpoints:
        state = unpack(checkpoints["networks"], "the networks")
        first = state["step"]
        for name, trainer in trainers.items():
            trainer.restore(state[name])
    yield {
        "kind": "start", "key": "start", "source": source, "samples": len(inputs), "classes": classes,
        "device": device_name("cpu"),
    }  # fmt: skip
    looks = sorted({round(number * spec.steps / (LOOKS - 1)) for number in range(LOOKS)})
    moments = [first, *(step for step in looks if step >= first)]
    before: dict[str, list[Tensor]] = {}
    for last, step in pairwise(moments):
        # The first step after a look is taken alone, because the look recorded the weights before it.
        for numbers in (range(last, min(last + 1, step)), range(last + 1, step)):
            for done in _steps(spec, trainers, numbers, inputs, labels):
                yield {"kind": "tick", "progress": done / spec.steps}
            if numbers.start == last and before:
                yield _moved(last, trainers, before)
                before = {}
        for name, trainer in trainers.items():
            if trainer.ended:
                reason = f"step {trainer.step + 1}: {trainer.ended}"
                yield {"kind": "end", "key": f"end/{name}", "network": name, "reason": reason}
        yield _look(spec, step, trainers, inputs, labels)
        before = {name: weights(trainer.network) for name, trainer in trainers.items() if not trainer.ended}
        state = {"step": step} | {name: trainer.state() for name, trainer in trainers.items()}
        yield Checkpoint("networks", pack(state))
        if all(trainer.ended for trainer in trainers.values()):
            return


def trainers_of(spec: TrainSpec, inputs: Tensor, classes: int) -> Trainers:
    """Fresh trainers. A network's weights depend only on its scheme and its seed."""
    found = {}
    for number, scheme in enumerate(spec.schemes):
        for place in range(spec.seeds):
            network = build(spec.drawn(), scheme, inputs.shape[1], spec.seed + 7919 * place, classes)
            optimizer = spec.fresh_optimizer(network.parameters())
            found[f"{number}/{place}"] = Trainer(network, optimizer, loss)
    return found


def loss(network: Network, inputs: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of a batch."""
    return nn.functional.cross_entropy(network(inputs), labels)


def _steps(spec: TrainSpec, trainers: Trainers, numbers: range, inputs: Tensor, labels: Tensor) -> Iterator[int]:
    def batch(step: int) -> tuple[Tensor, Tensor]:
        chosen = drawn(len(inputs), spec.batch, spec.seed + 7919 * spec.order, step)
        return inputs[chosen], labels[chosen]

    return take_steps(list(trainers.values()), numbers, batch, lambda _: 1.0, Clock())


def weights(network: Network) -> list[Tensor]:
    """A copy of each layer's weight, first to last."""
    return [layer.linear.weight.detach().clone() for layer in network.layers if isinstance(layer, Layer)]


def _moved(step: int, trainers: Trainers, before: dict[str, list[Tensor]]) -> Event:
    event: Event = {"kind": "moved", "key": f"moved/{step}", "step": step}
    for name, old in before.items():
        pairs = zip(old, weights(trainers[name].network), strict=True)
        event[name] = [_ratio(length(after - first), length(first)) for first, after in pairs]
    return event


def _ratio(step: float, weight: float) -> float | None:
    """The logarithm to base 10 of step / weight; None if it has none."""
    return math.log10(step / weight) if 0 < step < math.inf and 0 < weight < math.inf else None


def _look(spec: TrainSpec, step: int, trainers: Trainers, inputs: Tensor, labels: Tensor) -> Event:
    event: Event = {"kind": "look", "key": f"look/{step}", "step": step, "progress": step / spec.steps}
    for name, trainer in trainers.items():
        if not trainer.ended:
            event[name] = look(spec, trainer.network, inputs, labels, name.endswith("/0"))
    return event


def look(spec: TrainSpec, network: Network, inputs: Tensor, labels: Tensor, histograms: bool) -> Event:
    """Loss and accuracy over ``EVALUATED`` samples, and each layer's units over ``PROBE`` of them."""
    layers = [layer for layer in network.layers if isinstance(layer, Layer)]
    inner: dict[str, nn.Module] = {str(number): layer.linear for number, layer in enumerate(layers)}
    seen = capture(inner, lambda: loss(network, inputs[:PROBE], labels[:PROBE]))
    silent, flat, counts = [], [], []
    for number, layer in enumerate(layers):
        point = seen.outputs[str(number)].detach().requires_grad_()
        state = layer.activation(point)
        (slope,) = torch.autograd.grad(state.sum(), point)
        size, state = slope.abs(), state.detach()
        silent.append(float(((size.amax(0) == 0) & (state.abs().amax(0) == 0)).double().mean()))
        flat.append(float((size < spec.threshold).double().mean()))
        if histograms:
            found = shares(state, length(state) / math.sqrt(state.numel()))
            counts.append([round(float(share), 4) for share in found] if math.isfinite(found[0]) else None)
    with torch.no_grad():
        logits = network(inputs[:EVALUATED])
        value = nn.functional.cross_entropy(logits, labels[:EVALUATED]).item()
        right = (logits.argmax(1) == labels[:EVALUATED]).double().mean().item()
    event: Event = {"loss": value, "right": right, "silent": silent, "flat": flat}
    return event | ({"histogram": counts} if histograms else {})
