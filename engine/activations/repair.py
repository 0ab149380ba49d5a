"""A network that is wrong in five ways, repaired fault by fault, and trained for a short while after each repair."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.activations.depth import Network
from engine.activations.training import loss
from engine.activations.training_spec import EVALUATED, EXAMPLES, REPAIRS, RepairSpec
from engine.data.samples import SAMPLES
from engine.devices import one_thread
from engine.nn import Layer
from engine.training.loop import Trainer, drawn

Array = NDArray[np.float64]

WIDTH, BATCH = 64, 64
"""Units per layer, and samples per step."""

TOO_LARGE = {"head": 100.0, "exploding": 10.0, "saturated": 20.0, "vanishing": 0.05}
"""Fault -> what it multiplies the weights of its layer by."""

DEAD = -2.5
"""The biases of the layer with dead units."""

FAULTS = {
    "head": "logits too large",
    "exploding": "exploding scale",
    "saturated": "saturated units",
    "dead": "dead units",
    "vanishing": "vanishing scale",
}
"""What each fault is called."""


@dataclass(frozen=True)
class Rung:
    """One network and its training.

    repaired: the faults that are repaired. start, end: its loss over ``EVALUATED`` training samples before the first
        step and after the last; NaN if it diverged. right: its accuracy at the end.
    losses: the loss of each batch, [steps taken].
    """

    repaired: tuple[str, ...]
    start: float
    end: float
    right: float
    losses: Array


@dataclass(frozen=True)
class Ladder:
    """The visitor's network, and the ladder: the repairs in the order of ``REPAIRS``, one on the other, from none on.

    classes: C. chance: ln C, the loss of guessing, where it should start.
    """

    spec: RepairSpec
    own: Rung
    rungs: tuple[Rung, ...]
    classes: int

    @property
    def chance(self) -> float:
        return math.log(self.classes)

    def steps(self) -> pd.DataFrame:
        """One row for each rung, named by the repair that it adds."""
        names = ["nothing", *(FAULTS[rung.repaired[-1]] for rung in self.rungs[1:])]
        rows = [{"start": rung.start, "end": rung.end, "right": rung.right} for rung in self.rungs]
        return pd.DataFrame(rows).assign(repaired=names)

    def table(self) -> pd.DataFrame:
        """One row for each rung of the ladder, and a last one for the visitor's network."""
        return pd.DataFrame([
            {
                "network": name, "repaired": " ".join(rung.repaired), "start": rung.start, "end": rung.end,
                "right": rung.right,
            }
            for name, rung in [*((f"rung {number}", rung) for number, rung in enumerate(self.rungs)), ("own", self.own)]
        ])  # fmt: skip


def repair(spec: RepairSpec) -> Ladder:
    """Train all networks of the ladder, and the visitor's own. Raises DataUnavailable."""
    inputs, labels, _ = SAMPLES[spec.data].load(EXAMPLES, spec.seed)
    chosen = [REPAIRS[:count] for count in range(len(REPAIRS) + 1)]
    own = spec.repaired()
    with one_thread(True):
        known = {names: _trained(spec, names, inputs, labels) for names in {*chosen, own}}
    return Ladder(spec, known[own], tuple(known[names] for names in chosen), int(labels.max()) + 1)


def faulty(repaired: tuple[str, ...], inputs: int, classes: int, seed: int) -> Network:
    """Four layers, ReLU and tanh by turns, and a head. All networks of a seed differ only by their faults."""
    generator = torch.Generator().manual_seed(seed)

    def scale(fault: str) -> float:
        return 1.0 if fault in repaired else TOO_LARGE.get(fault, 1.0)

    layers = []
    for number, fault in enumerate(("exploding", "saturated", "dead", "vanishing")):
        f, gain = (torch.tanh, 5 / 3) if number % 2 else (torch.relu, math.sqrt(2))
        entering = WIDTH if number else inputs
        layer = Layer(entering, WIDTH, f)
        layer.linear.weight.data.normal_(0, gain / math.sqrt(entering), generator=generator).mul_(scale(fault))
        layer.linear.bias.data.fill_(DEAD if fault == "dead" and fault not in repaired else 0.0)
        layers.append(layer)
    head = nn.Linear(WIDTH, classes)
    head.weight.data.normal_(0, 1 / math.sqrt(WIDTH), generator=generator).mul_(scale("head"))
    head.bias.data.zero_()
    return Network(layers, head)


def _trained(spec: RepairSpec, repaired: tuple[str, ...], inputs: Tensor, labels: Tensor) -> Rung:
    network = faulty(repaired, inputs.shape[1], int(labels.max()) + 1, spec.seed)
    trainer = Trainer(network, torch.optim.SGD(network.parameters(), lr=spec.lr), loss)
    start, _ = _quality(network, inputs, labels)
    for step in range(spec.steps):
        chosen = drawn(len(inputs), BATCH, spec.seed, step)
        trainer.take((inputs[chosen], labels[chosen]), 1.0)
    losses = np.array([float(each) for each in trainer.losses])
    if trainer.ended:
        return Rung(repaired, start, math.nan, math.nan, losses)
    end, right = _quality(network, inputs, labels)
    return Rung(repaired, start, end, right, losses)


@torch.no_grad()
def _quality(network: Network, inputs: Tensor, labels: Tensor) -> tuple[float, float]:
    """Cross-entropy and accuracy over the first ``EVALUATED`` samples."""
    logits, right = network(inputs[:EVALUATED]), labels[:EVALUATED]
    return nn.functional.cross_entropy(logits, right).item(), float((logits.argmax(1) == right).double().mean())
