"""Why a training ended at a loss that is not a finite number: which part made the first such number."""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from engine.optimizers.watch import Watch

# A training is copied so rarely that its steps take at least this many times as long as the copies.
RARE = 50

UNKNOWN = "The part of the step that made it is not established"

Batch = tuple[Tensor, ...]


class Repeatable(Protocol):
    """The parts of a ``Trainer``, which explains them, that are needed to take its steps again."""

    network: Any
    optimizer: torch.optim.Optimizer
    loss: Callable[..., Tensor]
    whole: bool
    step: int
    ended: str

    def take(self, batch: Batch, factor: float) -> None: ...

    def pace(self, factor: float) -> None: ...

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: dict[str, Any]) -> None: ...


STATE_NAMES = {
    "momentum_buffer": "the velocity",
    "exp_avg": "the mean of the gradients",
    "exp_avg_sq": "the mean of the squared gradients",
    "square_avg": "the mean of the squared gradients",
    "sum": "the sum of the squared gradients",
}
"""What visitors call the tensors that an optimizer keeps, by torch's name."""


def finite(network: nn.Module) -> bool:
    """Whether all weights are finite."""
    return all(bool(weight.isfinite().all()) for weight in network.parameters())


def culprit(network: nn.Module, optimizer: torch.optim.Optimizer) -> str:
    """What is not finite before a step whose loss is not, as a clause."""
    weights = [weight.detach() for weight in network.parameters()]
    broken = [weight for weight in weights if not weight.isfinite().all()]
    if not broken:
        largest = max(float(weight.abs().max()) for weight in weights)
        return f"all weights are finite, the largest is {largest:.2g}, so the network itself computed it"
    kind = "nan" if any(weight.isnan().any() for weight in broken) else "infinite"
    state = {
        STATE_NAMES.get(name, name.replace("_", " "))
        for entries in optimizer.state.values()
        for name, entry in entries.items()
        if isinstance(entry, Tensor) and entry.is_floating_point() and not entry.isfinite().all()
    }
    also = f"Not finite in its state: {', '.join(sorted(state))}" if state else "Its state is finite"
    return f"after the optimizer's last step {len(broken)} of {len(weights)} weights and biases are {kind}. {also}"


@dataclass(frozen=True)
class Copy:
    """A copy of a training, from which its next steps can be taken again.

    state: see ``Trainer.state``. first: the number of the next step, for ``batch`` and ``factor`` of ``take_steps``.
    made, seconds: when the copy was made, and how long that took.
    """

    state: dict[str, Any]
    first: int
    batch: Callable[[int], Batch]
    factor: Callable[[int], float]
    made: float
    seconds: float

    @classmethod
    def of(
        cls, trainer: Repeatable, first: int, batch: Callable[[int], Batch], factor: Callable[[int], float]
    ) -> "Copy":
        start = time.perf_counter()
        state = deepcopy(trainer.state())
        return cls(state, first, batch, factor, start, time.perf_counter() - start)

    def recent(self) -> bool:
        """Whether it is too early for another copy."""
        return time.perf_counter() < self.made + RARE * self.seconds

    def again(self, trainer: Repeatable, count: int) -> None:
        """Let ``trainer`` take the next ``count`` steps again, until it ends or a weight is not finite."""
        trainer.restore(deepcopy(self.state))
        for number in range(self.first, self.first + count):
            trainer.take(self.batch(number), self.factor(number))
            if trainer.ended or not finite(trainer.network):
                return


def cause(trainer: Repeatable, copy: Copy, step: int, failed: bool) -> str:
    """Take the steps since ``copy`` again, and say which part made the first number that is not finite.

    Returns the reason why the training ended. step: the number of steps that it had taken. failed: whether the loss of
    the next step is not finite, and nothing else is known. ``trainer`` looks at each loss.
    """
    said, start = trainer.ended, int(copy.state["step"])
    copy.again(trainer, step - start + failed)
    if not finite(trainer.network):
        known = f": {culprit(trainer.network, trainer.optimizer)}" if failed else ""
        number = trainer.step - start - 1
        copy.again(trainer, number)
        why = watched_step(trainer, copy.batch(copy.first + number), copy.factor(copy.first + number))
        trainer.step = step
        return f"{said}{known}. {why}"
    if failed and "all weights are finite" in trainer.ended:
        return trainer.ended
    trainer.step = step
    return f"{said}. When the steps were taken again, it stayed finite. {UNKNOWN}"


def watched_step(trainer: Repeatable, batch: Batch, factor: float) -> str:
    """Take one step, and say which part of it made the first number that is not finite, in a sentence."""
    watch, optimizer, inside = Watch(), trainer.optimizer, False

    def loss() -> Tensor:
        nonlocal inside
        known = watch.culprit
        value = trainer.loss(trainer.network, *batch)
        inside = inside or watch.culprit is not known
        return value

    trainer.pace(factor)
    before = "The loss was finite in that step"
    if not trainer.whole:
        optimizer.zero_grad()
        loss().backward()
        slopes = [weight.grad for weight in trainer.network.parameters() if weight.grad is not None]
        if steep := sum(not slope.isfinite().all() for slope in slopes):
            return f"{before}, but its slope was not finite in {steep} of {len(slopes)} weights and biases"
        before = "The loss and its slope were finite in that step"
    with watch:
        arguments: Any = (loss,) if trainer.whole else ()
        optimizer.step(*arguments)
    if watch.culprit is None:
        return f"{before}. {UNKNOWN}"
    if inside:
        return f"{before}, but a number inside the network was not finite"
    if watch.culprit.zero:
        reason = ", because ε is 0" if any(group.get("eps") == 0 for group in optimizer.param_groups) else ""
        return f"{before}, but the optimizer divided by a number that is 0{reason}"
    return f"{before}, but a number that the optimizer computed overflowed"
