"""One lane of a race on one seed: an optimizer with its network and its clock."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from engine.data import floats
from engine.optimizers import Lane
from engine.race.layer_diagnostics import diagnose, joined
from engine.race.meter import Cost, measure
from engine.race.network import Autoencoder, Quality, evaluate
from engine.race.precision import PRECISIONS
from engine.race.spec import RaceSpec
from engine.training import Clock, Trainer, pack, shuffled, take_steps, unpack, update


class LaneTrainer:
    """A lane's training on one seed. It can be stored after any epoch. A resumed training gives the same
    numbers as one that was not interrupted.

    images: uint8 [N, 784] on the device that computes.
    epoch: the number of finished epochs. clock: measures the seconds of training, without the evaluations.
    ended: why and where the training stopped early, "" while it runs.
    seen: the layer diagnostics of the last step of the last epoch.
    """

    def __init__(self, spec: RaceSpec, lane: Lane, seed: int, images: Tensor) -> None:
        self.spec, self.lane, self.seed, self.images = spec, lane, seed, images
        self.net = Autoencoder(spec.units(), spec.transfer, seed, PRECISIONS[spec.precision].dtype).to(images.device)
        self.trainer = Trainer(self.net, lane.over(self.net.layers, seed), Autoencoder.loss, lane.closure == "loss")
        self.clock = Clock(images.device)
        self.epoch, self.ended = 0, ""
        self.seen: dict[str, list[float]] = {}

    def train(self) -> Iterator[float]:
        """Train for one epoch. About every half second it yields the finished share of the epoch.

        A failure sets ``ended``.
        """
        todo = shuffled(len(self.images), self.spec.batch, self.seed, self.epoch)
        count, epoch = len(todo), self.epoch

        def steps(numbers: range) -> Iterator[float]:
            taken = take_steps(
                [self.trainer],
                numbers,
                lambda step: (self.rows(todo[step]),),
                lambda step: self.spec.rate(epoch, step / count),
                self.clock,
            )
            return (done / count for done in taken)

        with self.failing(self.epoch + 1):
            if self.spec.look:
                yield from steps(range(count - 1))
                before = [joined(layer) for layer, _ in self.net.layers]
                yield from steps(range(count - 1, count))
                if not self.trainer.ended:
                    rows = self.rows(todo[-1])
                    generator = torch.Generator(self.images.device).manual_seed(self.epoch + 1)
                    self.seen = diagnose(self.net.layers, before, lambda: self.net.loss(rows), generator)
            else:
                yield from steps(range(count))
        if not self.ended:
            self.epoch += 1

    @contextmanager
    def failing(self, epoch: int) -> Iterator[None]:
        """A failure in this block sets ``ended``, with ``epoch`` as its place. The other lanes continue."""
        with self.trainer.failing():
            yield
        if self.trainer.ended:
            self.ended = f"epoch {epoch}, step {self.trainer.step}: {self.trainer.ended}"

    def measure(self) -> Generator[None, None, Cost]:
        """Measure the cost of a step on a temporary copy of the lane. See ``meter.measure``."""
        copy = LaneTrainer(self.spec, self.lane, self.seed, self.images)
        trainer, rows = copy.trainer, copy.rows(torch.arange(self.spec.batch))
        return (
            yield from measure(
                self.lane,
                trainer.optimizer,
                lambda: update(trainer.optimizer, lambda: copy.net.loss(rows), trainer.whole),
                [*copy.net.parameters(), self.images],
            )
        )

    def rows(self, batch: Tensor) -> Tensor:
        """The training images at the indices ``batch``, as intensities in [0, 1]."""
        return floats(self.images[batch.to(self.images.device)], self.net.dtype)

    def evaluate(self, images: Tensor) -> Quality:
        """Quality on images, uint8 [M, 784]."""
        return evaluate(self.net, images)

    def reconstruct(self, images: Tensor) -> Tensor:
        """Reconstructions in [0, 1] of images, uint8 [M, 784]."""
        with torch.no_grad():
            return torch.sigmoid(self.net(floats(images, self.net.dtype)))

    def state(self) -> bytes:
        """The state that ``restore`` needs to continue from here."""
        own = {"seed": self.seed, "epoch": self.epoch, "seconds": self.clock.seconds, "ended": self.ended}
        return pack(own | {"trainer": self.trainer.state()})

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a ``state`` that ``stored`` has read."""
        self.trainer.restore(state["trainer"])
        self.epoch, self.ended = state["epoch"], state["ended"]
        self.clock.seconds = state["seconds"]


def stored(state: bytes, lane: Lane, device: str = "cpu") -> dict[str, Any]:
    """Read a ``LaneTrainer.state`` of ``lane`` onto ``device``. Raises ValueError if it is damaged."""
    return unpack(state, lane.display.label, lane.state_classes, device)
