"""The training loop: several networks take each step on the same batch, and each can end early without the others."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from engine.training.failure import UNKNOWN, Batch, Copy, cause, culprit, finite

# Seconds of training after which the loop pauses, so that its caller can report progress or stop.
PAUSE = 0.5


class NotFinite(ArithmeticError):
    """A loss is not a finite number. The message says what else is not."""


FAILURES = (torch.linalg.LinAlgError, torch.OutOfMemoryError, NotFinite)
"""Exceptions that end one trainer. The others continue."""

N = TypeVar("N", bound=nn.Module)


class Trainer(Generic[N]):
    """One network in training.

    loss: (network, *batch) -> the batch's mean loss, with its graph. whole: the optimizer takes the loss as a closure.
    clip: the greatest norm of the gradient of all weights together; a longer one is scaled down. 0 for no limit.
    step: the number of steps taken. ended: why the training stopped early, "" while it runs. After an early stop
        ``step`` does not count the step that failed.
    looks: whether each loss is looked at before the step. On a GPU, looking means waiting, so ``check`` looks later.
    """

    def __init__(
        self,
        network: N,
        optimizer: torch.optim.Optimizer,
        loss: Callable[..., Tensor],
        whole: bool = False,
        clip: float = 0.0,
    ) -> None:
        self.network, self.optimizer, self.loss, self.whole, self.clip = network, optimizer, loss, whole, clip
        self.rates = [group["lr"] for group in optimizer.param_groups]
        self.step, self.ended = 0, ""
        self.losses: list[Tensor] = []  # since the last check
        self.looks = all(weight.device.type == "cpu" for weight in network.parameters())
        self.kept: Copy | None = None
        self.puzzle = ""  # "loss" if a loss is not finite, "weights" if weights are not, and no step is known to blame

    def take(self, batch: Batch, factor: float) -> None:
        """Take one step on ``batch``, with every learning rate times ``factor``. After an early end it does nothing."""
        if self.ended:
            return
        with self.failing():
            self.pace(factor)
            closure = partial(self.looked_at, batch)
            self.losses.append(update(self.optimizer, closure, self.whole, self.clip))
            self.step += 1

    def looked_at(self, batch: Batch) -> Tensor:
        """The loss of ``batch``, see ``sound``."""
        return self.sound(self.loss(self.network, *batch))

    def pace(self, factor: float) -> None:
        """Set every learning rate to its first value times ``factor``."""
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor

    def sound(self, loss: Tensor) -> Tensor:
        """``loss``, if it is finite or not looked at. Raises NotFinite."""
        if self.looks and not loss.isfinite():
            self.puzzle = "" if finite(self.network) else "weights"
            raise NotFinite(f"the loss became {loss.detach().item():g}: {culprit(self.network, self.optimizer)}")
        return loss

    def end(self, value: float) -> None:
        """Stop, because the loss over other samples than a batch has this ``value``, which is not finite."""
        self.ended = f"the loss became {value:g}: {culprit(self.network, self.optimizer)}"
        self.puzzle = "" if finite(self.network) else "weights"
        self.explain()

    def keep(self, first: int, batch: Callable[[int], Batch], factor: Callable[[int], float]) -> None:
        """Copy the training before step ``first``, unless the last copy is recent or a weight is not finite."""
        kept = self.kept
        recent = kept is not None and kept.batch is batch and kept.recent()
        if not self.ended and not recent and finite(self.network):
            self.kept = None
            with suppress(*FAILURES):  # without memory for a copy, the training goes on
                self.kept = Copy.of(self, first, batch, factor)

    def forget(self) -> None:
        """Drop the copy, unless it is needed to find the step that broke a weight."""
        if self.ended or finite(self.network):
            self.kept = None

    def explain(self) -> None:
        """If the loss became a number that is not finite, say in ``ended`` what made the first such number."""
        puzzle, self.puzzle = self.puzzle, ""
        if puzzle:
            step, looks, said = self.step, self.looks, f"{self.ended}. {UNKNOWN}"
            self.looks = True
            try:
                self.ended = cause(self, self.kept, step, puzzle == "loss") if self.kept else said
            except FAILURES:
                self.step, self.ended = step, said
            self.looks, self.puzzle = looks, ""
            self.losses.clear()

    def check(self) -> None:
        """Set ``ended`` if a loss since the last check is not finite. On a GPU this waits for the steps."""
        if not self.losses:
            return
        values = torch.stack(self.losses)
        wrong = (~values.isfinite()).nonzero()
        if len(wrong):
            back = len(self.losses) - int(wrong[0])
            self.step -= back
            self.ended = f"the loss became {values[-back].item():g}"
            self.puzzle = "loss"
        self.losses.clear()

    @contextmanager
    def failing(self) -> Iterator[None]:
        """If one of ``FAILURES`` occurs in this block, set ``ended`` instead of raising it."""
        try:
            yield
        except FAILURES as error:
            self.ended = str(error).strip().splitlines()[0].rstrip(".")
            self.check()  # If a loss was already NaN, report that and not this exception.

    def state(self) -> dict[str, Any]:
        """The state that ``restore`` needs to continue from here. Call ``check`` first."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "ended": self.ended,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from ``state``."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.ended = state["step"], state["ended"]


class Clock:
    """Measures the seconds of training, without the loop's pauses. On a GPU it waits until the work is finished."""

    def __init__(self, device: torch.device | str = "cpu", seconds: float = 0.0) -> None:
        self.device, self.seconds, self.started = torch.device(device), seconds, 0.0

    def start(self) -> None:
        self.started = self._now()

    def stop(self) -> None:
        self.seconds += self._now() - self.started

    def lap(self) -> float:
        """Seconds since the start, without waiting for a GPU."""
        return time.perf_counter() - self.started

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


def take_steps(
    trainers: Sequence[Trainer[Any]],
    steps: range,
    batch: Callable[[int], Batch],
    factor: Callable[[int], float],
    clock: Clock,
) -> Iterator[int]:
    """Let all ``trainers`` take ``steps`` on the same batches, until the last step or until all have ended.

    batch: number of a step -> its tensors. factor: number of a step -> the factor of every learning rate.
    Yields the number of the next step about every ``PAUSE`` seconds, and once at the end. At each yield the losses are
    checked and the ``clock`` is stopped.
    """
    for trainer in trainers:
        trainer.keep(steps.start, batch, factor)
    clock.start()
    for step in steps:
        tensors, share = batch(step), factor(step)
        for trainer in trainers:
            trainer.take(tensors, share)
        if step + 1 == steps.stop or clock.lap() > PAUSE or all(trainer.ended for trainer in trainers):
            clock.stop()
            for trainer in trainers:
                trainer.check()
                trainer.explain()
                trainer.keep(step + 1, batch, factor)
            yield step + 1
            if all(trainer.ended for trainer in trainers):
                break
            clock.start()
    for trainer in trainers:
        trainer.forget()


def update(optimizer: torch.optim.Optimizer, closure: Callable[[], Tensor], whole: bool, clip: float = 0.0) -> Tensor:
    """Take one step on ``closure``, which returns a batch's loss with its graph. Returns the loss before the step.

    whole: the optimizer takes the closure itself, and nothing is clipped. clip: see ``Trainer``.
    """
    if whole:
        return optimizer.step(closure)  # type: ignore[arg-type, return-value]
    optimizer.zero_grad()
    loss = closure()
    loss.backward()
    if clip:
        nn.utils.clip_grad_norm_([weight for group in optimizer.param_groups for weight in group["params"]], clip)
    optimizer.step()
    return loss.detach()


def cosine(time: float, warmup: int, horizon: int) -> float:
    """The factor of every learning rate at ``time``: a linear rise to one, then half a cosine down to zero.

    warmup: the length of the rise. horizon: the time at which the factor reaches zero. All times are in the same unit.
    Loshchilov & Hutter 2017, SGDR, https://arxiv.org/abs/1608.03983, without restarts.
    """
    if time < warmup:
        return time / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (time - warmup) / max(1, horizon - warmup))))


def shuffled(count: int, batch: int, seed: int, epoch: int) -> Sequence[Tensor]:
    """The batches of one epoch: indices below ``count`` in random order. A last batch that is not full is left out.

    The order depends only on ``seed`` and ``epoch``, so a resumed training sees the same batches.
    """
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
    return torch.split(order, batch)[: count // batch]


def drawn(count: int, batch: int, seed: int, step: int) -> Tensor:
    """The batch of one step: indices below ``count``, drawn with replacement, [batch].

    It depends only on ``seed`` and ``step``, so a resumed training sees the same batches.
    """
    generator = torch.Generator().manual_seed(seed * 100_003 + step)
    return torch.randint(count, (batch,), generator=generator)


def rate(time: float, warmup: int, horizon: int = 0) -> float:
    """The factor of every learning rate at ``time``: a linear rise to one, then a linear fall to zero.

    warmup: the length of the rise. horizon: the time at which the factor reaches zero, or 0 for no fall. All times are
    in the same unit.
    """
    if time < warmup:
        return time / warmup
    if not horizon:
        return 1.0
    return max(0.0, (horizon - time) / max(1, horizon - warmup))
