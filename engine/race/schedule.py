"""The order of a race: its lanes take turns, one epoch at a time, and report their results as events."""

import base64
import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from engine.data import DATASETS, DRAWN, DataUnavailable, Images, load_images
from engine.devices import hardware, one_thread, resolve
from engine.events import Checkpoint, Event
from engine.race.lane_trainer import LaneTrainer, stored
from engine.race.precision import PRECISIONS
from engine.race.spec import RaceSpec
from engine.training import FAILURES

IMAGES = "images"
"""The name of the checkpoint that holds why a race runs on drawn images. It is empty if the race has its own images."""

# The number of test images whose reconstructions are reported.
SHOWN = 12


def race(spec: RaceSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Run a race from its start, or from the ``checkpoints`` of an earlier run (see ``engine.events``).

    Kinds of events: "start" (where it runs, the images shown), "cost" (what one lane's step costs), "point" (one lane
    after one epoch on one seed), "end" (a lane that cannot go on, with the reason) and "tick" (only progress).

    Raises DeviceUnavailable, DataUnavailable or ValueError if the race cannot start.
    """
    device = resolve(spec.device)
    kept = dict(checkpoints or {})
    checkpoints = None  # free each one after it is read: together they are as large as the race itself
    begun = kept.pop(IMAGES, None)
    images, notice = images_of(spec, None if begun is None else begun.decode())
    train = images.train[: spec.images].to(device)
    test = images.test[: spec.tests()].to(device)
    if spec.batch > len(train):
        raise ValueError(f"a batch of {spec.batch:,} does not fit into the {len(train):,} images of this data set")
    states = {
        number: stored(kept.pop(str(number)), lane, device)
        for number, lane in enumerate(spec.lanes)
        if str(number) in kept
    }
    with PRECISIONS[spec.precision].on(device), one_thread(spec.small()):
        yield {
            "kind": "start", "key": "start", "notice": notice, "source": images.source,
            "device": hardware(device), "threads": torch.get_num_threads(), "torch": torch.__version__,
            "python": platform.python_version(),
            "train": len(train), "test": len(test), "steps": len(train) // spec.batch,
            "units": spec.units(), "weights": spec.weights(), "gradient": spec.gradient_flops(),
            "shown": _pictures(test[:SHOWN] / 255),
        }  # fmt: skip
        yield Checkpoint(IMAGES, notice.encode())
        counted: set[int] = set()
        for seed in range(spec.seed, spec.seed + spec.seeds):
            yield from _on_seed(spec, seed, train, test, states, counted)


def _on_seed(
    spec: RaceSpec,
    seed: int,
    train: Tensor,
    test: Tensor,
    states: dict[int, dict[str, Any]],
    counted: set[int],
) -> Iterator[Event | Checkpoint]:
    """Train all lanes on one seed. They take turns, one epoch at a time.

    states: lane -> its state in the checkpoints. A state is removed once it is restored.
    counted: lanes whose cost is known. Lanes that are measured here are added.
    """
    trainers: dict[int, LaneTrainer] = {}
    for number, lane in enumerate(spec.lanes):
        state = states.get(number)
        if state and state["seed"] > seed:
            continue  # this lane had finished this seed
        trainer = trainers[number] = LaneTrainer(spec, lane, seed, train)
        if state and state["seed"] == seed:
            trainer.restore(states.pop(number))
            del state
            continue
        if number not in counted:
            yield from _count(spec, seed, number, trainer, counted)
        yield _standing(number, trainer, test)
        if trainer.ended:
            yield Checkpoint(str(number), trainer.state())
    for epoch in range(spec.epochs):
        for number, trainer in trainers.items():
            if trainer.epoch > epoch or trainer.ended:
                continue
            for share in trainer.train():
                yield {"kind": "tick", "lane": number, "progress": _progress(spec, seed, epoch, number, share)}
            yield _standing(number, trainer, test)
            yield Checkpoint(str(number), trainer.state())


def _count(spec: RaceSpec, seed: int, number: int, trainer: LaneTrainer, counted: set[int]) -> Iterator[Event]:
    """Report the cost of a lane's step. If the step fails there is no event: training will fail too, and report it."""
    steps = trainer.measure()
    tick = {"kind": "tick", "lane": number, "progress": _progress(spec, seed, 0, 0, 0.0)}
    with suppress(*FAILURES):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                counted.add(number)
                yield {"kind": "cost", "key": f"cost/{number}", "lane": number, **asdict(end.value)}
                return
            yield tick


def _standing(number: int, trainer: LaneTrainer, test: Tensor) -> Event:
    """Evaluate a lane after an epoch. Returns the event of its point, or of its end."""
    whose = {"lane": number, "seed": trainer.seed}
    place = f"{trainer.seed}/{number}"
    if not trainer.ended:
        with trainer.failing(trainer.epoch):
            on_train, on_test = trainer.evaluate(trainer.images), trainer.evaluate(test)
            if isfinite(on_train.loss):
                first = trainer.seed == trainer.spec.seed
                return whose | {
                    "kind": "point", "key": f"point/{place}/{trainer.epoch}", "epoch": trainer.epoch,
                    "step": trainer.trainer.step, "seconds": trainer.clock.seconds, "train_loss": on_train.loss,
                    "test_loss": on_test.loss, "train_error": on_train.error, "test_error": on_test.error,
                    "layers": trainer.seen,
                    "pictures": _pictures(trainer.reconstruct(test[:SHOWN])) if first else "",
                }  # fmt: skip
            trainer.trainer.end(on_train.loss)
    return whose | {"kind": "end", "key": f"end/{place}", "reason": trainer.ended}


def _progress(spec: RaceSpec, seed: int, epoch: int, lane: int, share: float) -> float:
    """The finished share of the race when ``lane`` has finished ``share`` of ``epoch``."""
    costs = [lane.network_work(spec.workload()) for lane in spec.lanes]
    turn = (sum(costs[:lane]) + share * costs[lane]) / sum(costs)
    return ((seed - spec.seed) + (epoch + turn) / spec.epochs) / spec.seeds


def images_of(spec: RaceSpec, notice: str | None = None) -> tuple[Images, str]:
    """The images of a race, and "". If they are not available: drawn images, and the reason for the visitor.

    notice: the reason (or "") of a race that is resumed. Such a race must keep the images of its start, so this raises
    DataUnavailable if they are not available now.
    """
    if notice is not None:
        return load_images(DRAWN if notice else spec.data), notice
    try:
        return load_images(spec.data), ""
    except DataUnavailable as error:
        return load_images(DRAWN), f"{error} Until then the race runs on {DATASETS[DRAWN].label} images."


def _pictures(intensities: Tensor) -> str:
    """Images in [0, 1] as base64 of bytes, rounded to 256 grays. They are for viewing, not for measuring."""
    return base64.b64encode((intensities * 255).round().to(torch.uint8).cpu().numpy().tobytes()).decode()
