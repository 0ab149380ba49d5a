"""Train the twins on the same batches, and record how the paths of the gradients change during the training."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.data.samples import SAMPLES
from engine.devices import device_name, one_thread
from engine.events import Checkpoint, Event
from engine.residuals.paths import split
from engine.residuals.spec import EVALUATED, EXAMPLES, LOOKS, PROBE, TrainingSpec
from engine.signals import Network, build, norm, signals
from engine.training.checkpoints import pack, unpack
from engine.training.loop import Clock, Trainer, drawn, rate, take_steps

Twins = dict[str, Trainer[Network]]


def train(spec: TrainingSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Train both twins on the same batches. ``engine.events`` explains events, checkpoints and how work is resumed.

    Kinds of events:
    "start": the data and the device.
    "look": both twins after a number of steps, with the loss, the accuracy and the norm of each weight's gradient.
        For the residual twin also values of ``Highway``, with the ``lengths`` at the stem.
    "end": a twin that cannot go on, and the reason.
    "tick": only the progress.

    Raises DataUnavailable if the data cannot be loaded, and ValueError if a checkpoint is damaged.
    """
    with one_thread(spec.small()):
        yield from _train(spec, checkpoints or {})


def _train(spec: TrainingSpec, checkpoints: Mapping[str, bytes]) -> Iterator[Event | Checkpoint]:
    inputs, labels, source = SAMPLES[spec.data].load(EXAMPLES, spec.seed)
    twins = twins_of(spec, inputs)
    first = 0
    if "twins" in checkpoints:
        state = unpack(checkpoints["twins"], "the twins")
        first = state["step"]
        for name, twin in twins.items():
            twin.restore(state[name])
    yield _started(source, inputs)
    looks = sorted({round(number * spec.steps / (LOOKS - 1)) for number in range(LOOKS)})
    for last, step in pairwise([first, *(step for step in looks if step >= first)]):
        running = [name for name, twin in twins.items() if not twin.ended]
        for done in steps(spec, twins, range(last, step), inputs, labels):
            for name in [name for name in running if twins[name].ended]:
                running.remove(name)
                reason = f"step {twins[name].step + 1}: {twins[name].ended}"
                yield {"kind": "end", "key": f"end/{name}", "twin": name, "reason": reason}
            yield {"kind": "tick", "progress": done / spec.steps}
        if not running and max(twin.step for twin in twins.values()) + 1 < step:
            return  # no twin has reached this look
        yield _look(spec, step, twins, inputs[:EVALUATED], labels[:EVALUATED])
        yield Checkpoint("twins", pack({"step": step} | {name: twin.state() for name, twin in twins.items()}))
        if not running:
            return


def sweep(spec: TrainingSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Train both twins at each depth of ``spec.depths()``, and report their loss and accuracy at the end.

    Kinds of events: "start" and "tick" as in ``train``, and "depth". A "depth" has the depth and, for each twin, the
    loss and the accuracy over all training samples, or None if the twin diverged.
    """
    with one_thread(spec.small()):
        yield from _sweep(spec, checkpoints or {})


def _sweep(spec: TrainingSpec, checkpoints: Mapping[str, bytes]) -> Iterator[Event | Checkpoint]:
    inputs, labels, source = SAMPLES[spec.data].load(EXAMPLES, spec.seed)
    yield _started(source, inputs)
    depths = spec.depths()
    first = int(checkpoints.get("done", b"0"))
    for number, depth in enumerate(depths[first:], first):
        own = spec.but(depth=depth)
        twins = twins_of(own, inputs)
        for done in steps(own, twins, range(spec.steps), inputs, labels):
            # The time of a step is proportional to the depth of the network.
            share = (sum(depths[:number]) + depth * done / spec.steps) / sum(depths)
            yield {"kind": "tick", "progress": share}
        ends = {name: _ended(twin, inputs, labels) for name, twin in twins.items()}
        yield {"kind": "depth", "key": f"depth/{depth}", "depth": depth} | ends
        yield Checkpoint("done", str(number + 1).encode())


def twins_of(spec: TrainingSpec, inputs: Tensor) -> Twins:
    """Build fresh trainers of both twins, for samples of the same length as those of ``inputs`` [N, d]."""
    plain, residual = build(spec, inputs.shape[1])
    return {
        name: Trainer(network, spec.fresh_optimizer(network.parameters()), loss)
        for name, network in (("plain", plain), ("residual", residual))
    }


def loss(network: Network, inputs: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of a batch."""
    return nn.functional.cross_entropy(network(inputs), labels)


def steps(spec: TrainingSpec, twins: Twins, numbers: range, inputs: Tensor, labels: Tensor) -> Iterator[int]:
    """Let both twins take the steps with these ``numbers``. Yields what ``take_steps`` yields."""

    def batch(step: int) -> tuple[Tensor, Tensor]:
        chosen = drawn(len(inputs), spec.batch, spec.seed, step)
        return inputs[chosen], labels[chosen]

    return take_steps(list(twins.values()), numbers, batch, lambda step: rate(step + 1, spec.warmup), Clock())


@torch.no_grad()
def quality(network: Network, inputs: Tensor, labels: Tensor) -> dict[str, float]:
    """The mean cross-entropy and the accuracy, for all samples as one batch."""
    logits = network(inputs)
    right = (logits.argmax(1) == labels).double().mean()
    return {"loss": nn.functional.cross_entropy(logits, labels).item(), "right": right.item()}


def _started(source: str, inputs: Tensor) -> Event:
    """The event "start": the data and the device."""
    return {
        "kind": "start",
        "key": "start",
        "source": source,
        "samples": len(inputs),
        "device": device_name("cpu"),
    }


def _look(spec: TrainingSpec, step: int, twins: Twins, inputs: Tensor, labels: Tensor) -> Event:
    """The event "look" after ``step`` steps. Losses are over all samples, gradients over the first ``PROBE``."""
    probe = inputs[:PROBE], labels[:PROBE]
    event: Event = {"kind": "look", "key": f"look/{step}", "step": step, "progress": step / spec.steps}
    for name, twin in twins.items():
        if not twin.ended:
            gradients = [norm(each) for each in signals(twin.network, *probe).gradients]
            event[name] = quality(twin.network, inputs, labels) | {"gradient": gradients}
    if not twins["residual"].ended:
        found = split(spec, twins["residual"].network, *probe)
        event["highway"] = {
            "shortcut": found.shortcut.tolist(), "lengths": found.lengths[0].tolist(),
            "mean_length": found.mean_length().tolist(),
        }  # fmt: skip
    return event


def _ended(twin: Trainer[Network], inputs: Tensor, labels: Tensor) -> dict[str, float] | None:
    """The loss and the accuracy of a twin after training; None if the twin diverged."""
    found = None if twin.ended else quality(twin.network, inputs, labels)
    return found if found and math.isfinite(found["loss"]) else None
