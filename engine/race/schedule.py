"""Who runs when: the lanes of a race take turns, an epoch each, and report what happened as events."""

import base64
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from engine.data import DATASETS, DRAWN, DataUnavailable, Images, load_images
from engine.devices import hardware, one_thread, resolve
from engine.events import Checkpoint, Event
from engine.race.lane_trainer import LaneTrainer, stored
from engine.race.spec import RaceSpec
from engine.training import FAILURES

IMAGES = "images"
"""The checkpoint that holds why a race runs on drawn images; empty where it has the images that it asked for."""

# Test images whose reconstructions are reported.
SHOWN = 12


def race(spec: RaceSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Run a race, from its start or from the ``checkpoints`` of an earlier run; ``engine.events`` says what that means.

    Kinds of events: "start" (where it runs, the images shown), "cost" (what one lane's step costs), "point" (one lane
    after one epoch on one seed), "end" (a lane that cannot go on, with the reason) and "tick" (only progress).

    Raises DeviceUnavailable, DataUnavailable or ValueError where the race cannot start.
    """
    device = resolve(spec.device)
    kept = dict(checkpoints or {})
    checkpoints = None  # each is freed once it has been read: together they are as large as all that runs
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
    with precision(spec.precision, device), one_thread(spec.small()):
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
    """All lanes on one seed, an epoch each in turn.

    states: lane -> its state in the checkpoints; each is removed once it is restored.
    counted: lanes whose cost is known; those measured here are added.
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
    """What a step of a lane costs; no event where its steps fail: training will fail too, and says where."""
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
    """Where a lane stands after an epoch: a point, or its end."""
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
            trainer.trainer.ended = f"the loss became {on_train.loss:g}"
    return whose | {"kind": "end", "key": f"end/{place}", "reason": trainer.ended}


def _progress(spec: RaceSpec, seed: int, epoch: int, lane: int, share: float) -> float:
    """The share of the race that is done while ``lane`` is at ``share`` of ``epoch``."""
    costs = [lane.network_work(spec.workload()) for lane in spec.lanes]
    turn = (sum(costs[:lane]) + share * costs[lane]) / sum(costs)
    return ((seed - spec.seed) + (epoch + turn) / spec.epochs) / spec.seeds


def images_of(spec: RaceSpec, notice: str | None = None) -> tuple[Images, str]:
    """The images of a race and "", or drawn images and the reason for people where the others cannot be had.

    notice: that reason, or "", of a race that goes on: it keeps the images that it began with. Raises DataUnavailable
    where it began with other than drawn images and those cannot be had.
    """
    if notice is not None:
        return load_images(DRAWN if notice else spec.data), notice
    try:
        return load_images(spec.data), ""
    except DataUnavailable as error:
        return load_images(DRAWN), f"{error} Until then the race runs on {DATASETS[DRAWN].label} images."


def _pictures(intensities: Tensor) -> str:
    """Images in [0, 1] as bytes, the nearest of 256 grays, in base64: for the eye, not for measuring."""
    return base64.b64encode((intensities * 255).round().to(torch.uint8).cpu().numpy().tobytes()).decode()


@contextmanager
def precision(name: str, device: str) -> Iterator[None]:
    """Products in TF32 where asked for. Raises ValueError where the device has none."""
    if name == "tf32" and device != "cuda":
        raise ValueError("TF32 needs a CUDA device; choose float32")
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if name == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
