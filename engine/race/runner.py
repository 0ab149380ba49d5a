"""One lane of a race on one seed: an optimizer, its network and its clock."""

import importlib
import io
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from engine.data import floats
from engine.events import out_of_memory
from engine.optimizers import Lane
from engine.race.look import Look, joined, look
from engine.race.meter import Cost, measure
from engine.race.network import Autoencoder
from engine.race.spec import RaceSpec
from engine.race.training import Quality, batches, evaluate, update

TICK = 0.5
"""Seconds of training after which a lane gives its caller a chance to look or to stop."""

DTYPES = {"float32": torch.float32, "float64": torch.float64, "tf32": torch.float32}

FAILURES = (FloatingPointError, torch.linalg.LinAlgError, torch.OutOfMemoryError)  # type: ignore[attr-defined]
"""What ends a lane while the others go on."""


class Runner:
    """A lane's training on one seed. It can be stored after any epoch and goes on with the same numbers.

    images: uint8 [N, 784] on the device that computes.
    epoch, step: how much was done. seconds: of training alone. ended: why it stopped early, "" while it runs.
    seen: what the last step did to the layers.
    """

    def __init__(self, spec: RaceSpec, lane: Lane, seed: int, images: Tensor) -> None:
        self.spec, self.lane, self.seed, self.images = spec, lane, seed, images
        self.dtype = DTYPES[spec.precision]
        self.net = Autoencoder(spec.units(), spec.transfer, seed, self.dtype).to(images.device)
        self.optimizer = lane.over(self.net.layers, seed)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.epoch = self.step = 0
        self.seconds = 0.0
        self.ended = ""
        self.seen: Look | None = None

    def train(self) -> Iterator[float]:
        """One epoch; yields its share done about every half second. Sets ``ended`` where it cannot go on."""
        todo = batches(len(self.images), self.spec.batch, self.seed, self.epoch)
        losses: list[Tensor] = []
        before: list[Tensor] = []
        with self.failing(self.epoch + 1):
            start = self._now()
            for number, batch in enumerate(todo, 1):
                last = number == len(todo)
                if last and self.spec.look:
                    self.seconds += self._now() - start
                    before = [joined(layer) for layer, _ in self.net.layers]
                    start = self._now()
                factor = self.spec.rate(self.epoch, (number - 1) / len(todo))
                for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
                    group["lr"] = rate * factor
                closure = self._closure(batch)
                try:
                    losses.append(self._update(closure))
                except FAILURES:
                    self._check(losses)  # what a loss that is no number broke is not why
                    raise
                self.step += 1
                if last or time.perf_counter() - start > TICK:
                    self.seconds += self._now() - start
                    self._check(losses)
                    yield number / len(todo)
                    start = self._now()
            if before:
                generator = torch.Generator(self.images.device).manual_seed(self.epoch + 1)
                self.seen = look(self.net.layers, before, closure, generator)
            self.epoch += 1

    @contextmanager
    def failing(self, epoch: int) -> Iterator[None]:
        """In this block a failure ends the lane in ``epoch``: it sets ``ended``, and the other lanes go on."""
        try:
            yield
        except FAILURES as error:
            self.ended = f"epoch {epoch}, step {self.step}: {_first_line(error)}"

    def measure(self) -> Generator[None, None, Cost]:
        """What a step costs, found on a copy that is thrown away; see ``meter.measure``."""
        copy = Runner(self.spec, self.lane, self.seed, self.images)
        closure = copy._closure(torch.arange(self.spec.batch))
        held = [*copy.net.parameters(), self.images]
        return (yield from measure(self.lane, copy.optimizer, lambda: copy._update(closure), held))

    def evaluate(self, images: Tensor) -> Quality:
        """Quality on images, uint8 [M, 784]."""
        return evaluate(self.net, images, self.dtype)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Reconstructions in [0, 1] of images, uint8 [M, 784]."""
        with torch.no_grad():
            return torch.sigmoid(self.net(floats(images, self.dtype)))

    def state(self) -> bytes:
        """All that ``restore`` needs to go on from here."""
        file = io.BytesIO()
        progress = {name: getattr(self, name) for name in ("seed", "epoch", "step", "seconds", "ended")}
        torch.save(progress | {"net": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}, file)
        return file.getvalue()

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a ``state``, as ``read`` gives it."""
        self.net.load_state_dict(state["net"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.step = state["epoch"], state["step"]
        self.seconds, self.ended = state["seconds"], state["ended"]

    def _closure(self, batch: Tensor) -> Callable[[], Tensor]:
        rows = floats(self.images[batch.to(self.images.device)], self.dtype)
        return lambda: self.net.loss(rows)

    def _update(self, closure: Callable[[], Tensor]) -> Tensor:
        return update(self.optimizer, closure, self.lane.closure == "loss")

    def _check(self, losses: list[Tensor]) -> None:
        """Raises FloatingPointError where a loss since the last check was not finite."""
        if not losses:
            return
        values = torch.stack(losses)
        wrong = (~values.isfinite()).nonzero()
        if len(wrong):
            back = len(losses) - int(wrong[0])
            self.step -= back
            raise FloatingPointError(f"the loss became {values[-back].item():g}")
        losses.clear()

    def _now(self) -> float:
        if self.images.is_cuda:
            torch.cuda.synchronize(self.images.device)
        return time.perf_counter()


def read(state: bytes, lane: Lane, device: str = "cpu") -> dict[str, Any]:
    """A stored state, to be restored on ``device``, wherever it was stored. Only tensors, plain values and the classes
    that the lane's record names are read. Raises ValueError for one that is damaged.

    Tensors within objects of those classes are put on ``device``; all others an optimizer puts where it wants them:
    generators, and counts that a GPU would have to be waited for, on the processor.
    """
    classes = []
    for path in lane.state_classes:
        module, name = path.rsplit(".", 1)
        classes.append(getattr(importlib.import_module(module), name))
    try:
        with torch.serialization.safe_globals(classes):
            loaded: dict[str, Any] = torch.load(
                io.BytesIO(state), map_location=device if classes else "cpu", weights_only=True
            )
    except Exception as error:  # whatever a file of other bytes makes the reader stumble over
        if out_of_memory(error):
            raise
        raise ValueError(f"what was kept of {lane.label} is damaged; the race has to start over") from error
    return loaded


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
