"""The twins trained on the same batches, and what becomes of the highway meanwhile."""

import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.data import floats
from engine.data.mnist import load_mnist
from engine.data.points import spirals
from engine.devices import device_name, one_thread
from engine.events import Checkpoint, Event
from engine.residuals.paths import split
from engine.residuals.spec import EVALUATED, LOOKS, PROBE, TrainingSpec
from engine.signals.flow import norm, signals
from engine.signals.network import Network, build

EXAMPLES = 6_000
"""Training samples; a data set may hold more."""


class Twin:
    """One network in training. ended: why it stopped early, "" while it runs."""

    def __init__(self, spec: TrainingSpec, network: Network) -> None:
        self.spec, self.network, self.ended = spec, network, ""
        kinds: dict[str, Any] = {
            "sgd": lambda weights: torch.optim.SGD(weights, spec.lr),
            "momentum": lambda weights: torch.optim.SGD(weights, spec.lr, momentum=0.9),
            "adam": lambda weights: torch.optim.Adam(weights, spec.lr),
        }
        self.optimizer: torch.optim.Optimizer = kinds[spec.optimizer](network.parameters())

    def step(self, number: int, inputs: Tensor, labels: Tensor) -> None:
        """Step ``number``, from 0, on a batch. Sets ``ended`` where the loss is not finite."""
        if self.ended:
            return
        share = min(1.0, (number + 1) / self.spec.warmup) if self.spec.warmup else 1.0
        for group in self.optimizer.param_groups:
            group["lr"] = self.spec.lr * share
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.network(inputs), labels)
        if not math.isfinite(loss.item()):
            self.ended = f"step {number + 1}: the loss became {loss.item():g}"
            return
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    @torch.no_grad()
    def quality(self, inputs: Tensor, labels: Tensor) -> tuple[float, float]:
        """The mean cross-entropy and the share that is right, of samples taken as one batch."""
        logits = self.network(inputs)
        right = (logits.argmax(1) == labels).double().mean()
        return nn.functional.cross_entropy(logits, labels).item(), right.item()

    def state(self) -> dict[str, Any]:
        return {"net": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "ended": self.ended}

    def restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.ended = state["ended"]


def train(spec: TrainingSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Train both twins on the same batches; ``engine.events`` says what is yielded and how it goes on.

    Kinds of events: "start" (the data), "look" (both twins after so many steps: loss and share right,
    norms of the weights' gradients by layer, and what ``Highway`` tells of the residual one; ``lengths`` at its stem),
    "end" (a twin that cannot go on, with the reason) and "tick" (nothing but progress).

    Raises DataUnavailable: there is nothing to train on.
    """
    with one_thread(spec.small()):
        yield from _train(spec, checkpoints)


def _train(spec: TrainingSpec, checkpoints: Mapping[str, bytes] | None) -> Iterator[Event | Checkpoint]:
    inputs, labels, source = samples(spec)
    twins = {name: Twin(spec, network) for name, network in _built(spec, inputs).items()}
    first = 0
    if checkpoints and "twins" in checkpoints:
        stored = torch.load(io.BytesIO(checkpoints["twins"]), weights_only=True)
        first = stored["step"]
        for name, twin in twins.items():
            twin.restore(stored[name])
    yield _started(source, inputs)
    looks = {round(number * spec.steps / (LOOKS - 1)) for number in range(LOOKS)}
    for step in range(first, spec.steps + 1):
        if step in looks:
            yield _look(spec, step, twins, inputs[:EVALUATED], labels[:EVALUATED])
            yield Checkpoint("twins", _state(step, twins))
        if step == spec.steps or all(twin.ended for twin in twins.values()):
            return
        chosen = _batch(spec, step, len(inputs))
        for name, twin in twins.items():
            running = not twin.ended
            twin.step(step, inputs[chosen], labels[chosen])
            if running and twin.ended:
                yield {"kind": "end", "key": f"end/{name}", "twin": name, "reason": twin.ended}
        yield {"kind": "tick", "progress": (step + 1) / spec.steps}


def sweep(spec: TrainingSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Train both twins at each of ``DEPTHS`` below the spec's depth and at that, and tell how well they end.

    Kinds of events: "start", "depth" (depth, and of each twin the loss and the share right over all training samples;
    None where it diverged) and "tick".
    """
    with one_thread(spec.small()):
        yield from _sweep(spec, checkpoints)


def _sweep(spec: TrainingSpec, checkpoints: Mapping[str, bytes] | None) -> Iterator[Event | Checkpoint]:
    inputs, labels, source = samples(spec)
    yield _started(source, inputs)
    depths = spec.depths()
    done = int(checkpoints["done"]) if checkpoints and "done" in checkpoints else 0
    for number, depth in enumerate(depths[done:], done):
        own = spec.but(depth=depth)
        twins = {name: Twin(own, network) for name, network in _built(own, inputs).items()}
        for step in range(spec.steps):
            chosen = _batch(own, step, len(inputs))
            for twin in twins.values():
                twin.step(step, inputs[chosen], labels[chosen])
            # A deeper network's steps take longer by its depth.
            share = (sum(depths[:number]) + depth * (step + 1) / spec.steps) / sum(depths)
            yield {"kind": "tick", "progress": share}
        ends = {name: _ended(twin, inputs, labels) for name, twin in twins.items()}
        yield {"kind": "depth", "key": f"depth/{depth}", "depth": depth} | ends
        yield Checkpoint("done", str(number + 1).encode())


def samples(spec: TrainingSpec) -> tuple[Tensor, Tensor, str]:
    """Inputs [N, d] of mean square about 1, labels [N], and where they come from. Raises DataUnavailable."""
    if spec.data == "mnist":
        images = load_mnist()
        assert images.train_labels is not None
        rows = floats(images.train[:EXAMPLES])
        return (rows - rows.mean()) / rows.std(), images.train_labels[:EXAMPLES].long(), images.source
    points, arms = spirals(EXAMPLES, spec.seed)
    return points / points.std(), arms, "three spirals"


def _started(source: str, inputs: Tensor) -> Event:
    """What is trained on, and where."""
    told = {"source": source, "samples": len(inputs), "device": device_name("cpu")}
    return {"kind": "start", "key": "start"} | told


def _built(spec: TrainingSpec, inputs: Tensor) -> dict[str, Network]:
    plain, residual = build(spec, inputs.shape[1])
    return {"plain": plain, "residual": residual}


def _batch(spec: TrainingSpec, step: int, count: int) -> Tensor:
    """The samples of a step, [batch]: by the seed and the step alone, so that a resumed training sees the same."""
    generator = torch.Generator().manual_seed(spec.seed * 100_003 + step)
    return torch.randint(count, (spec.batch,), generator=generator)


def _look(spec: TrainingSpec, step: int, twins: Mapping[str, Twin], inputs: Tensor, labels: Tensor) -> Event:
    """Both twins after ``step`` steps: their losses over all samples, their gradients over the first ``PROBE``."""
    probe = inputs[:PROBE], labels[:PROBE]
    told: Event = {"kind": "look", "key": f"look/{step}", "step": step, "progress": step / spec.steps}
    for name, twin in twins.items():
        if twin.ended:
            continue
        loss, right = twin.quality(inputs, labels)
        gradients = [norm(each) for each in signals(twin.network, *probe).gradients]
        told[name] = {"loss": loss, "right": right, "gradient": gradients}
    if not twins["residual"].ended:
        found = split(spec, twins["residual"].network, *probe)
        told["highway"] = {
            "shortcut": found.shortcut.tolist(), "lengths": found.lengths[0].tolist(),
            "mean_length": found.mean_length().tolist(),
        }  # fmt: skip
    return told


def _ended(twin: Twin, inputs: Tensor, labels: Tensor) -> dict[str, float] | None:
    if twin.ended:
        return None
    loss, right = twin.quality(inputs, labels)
    return {"loss": loss, "right": right} if math.isfinite(loss) else None


def _state(step: int, twins: Mapping[str, Twin]) -> bytes:
    file = io.BytesIO()
    torch.save({"step": step} | {name: twin.state() for name, twin in twins.items()}, file)
    return file.getvalue()
