"""The race itself: lanes take turns, an epoch each, and tell what happened."""

import base64
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from engine.data import DataUnavailable, Images, load_images
from engine.devices import hardware, one_thread, resolve
from engine.events import Checkpoint, Event
from engine.race.runner import FAILURES, Runner, read
from engine.race.spec import RaceSpec

IMAGES = "images"
"""The checkpoint that holds why a race runs on drawn images; empty where it has those that it asked for."""

SHOWN = 12
"""Test images whose reconstructions are told."""


def race(spec: RaceSpec, checkpoints: Mapping[str, bytes] | None = None) -> Iterator[Event | Checkpoint]:
    """Run a race, from its start or from the ``checkpoints`` of an earlier run; ``engine.events`` says what that means.

    Kinds of events: "start" (where it runs, the images shown), "cost" (of one lane's step), "point" (one lane after one
    epoch on one seed), "end" (a lane that cannot go on, with the reason) and "tick" (nothing but progress).

    Raises DeviceUnavailable, DataUnavailable, ValueError: the race cannot start.
    """
    device = resolve(spec.device)
    kept = dict(checkpoints or {})
    checkpoints = None  # each is let go once it has been read: they are as large as all that runs
    begun = kept.pop(IMAGES, None)
    images, notice = images_of(spec, None if begun is None else begun.decode())
    train = images.train[: spec.images].to(device)
    test = images.test[: spec.tests()].to(device)
    if spec.batch > len(train):
        raise ValueError(f"a batch of {spec.batch:,} does not fit into the {len(train):,} images of this data set")
    stored = {
        number: read(kept.pop(str(number)), lane, device)
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
            yield from _heat(spec, seed, train, test, stored, counted)


def _heat(
    spec: RaceSpec,
    seed: int,
    train: Tensor,
    test: Tensor,
    stored: dict[int, dict[str, Any]],
    counted: set[int],
) -> Iterator[Event | Checkpoint]:
    """All lanes on one seed, an epoch each in turn. ``stored`` states are taken out, lanes whose cost is known added to
    ``counted``."""
    runners: dict[int, Runner] = {}
    for number, lane in enumerate(spec.lanes):
        state = stored.get(number)
        if state and state["seed"] > seed:
            continue  # this lane had done with this seed
        runner = runners[number] = Runner(spec, lane, seed, train)
        if state and state["seed"] == seed:
            runner.restore(stored.pop(number))
            del state
            continue
        if number not in counted:
            yield from _count(spec, seed, number, runner, counted)
        yield _standing(number, runner, test)
        if runner.ended:
            yield Checkpoint(str(number), runner.state())
    for epoch in range(spec.epochs):
        for number, runner in runners.items():
            if runner.epoch > epoch or runner.ended:
                continue
            for share in runner.train():
                yield {"kind": "tick", "lane": number, "progress": _progress(spec, seed, epoch, number, share)}
            yield _standing(number, runner, test)
            yield Checkpoint(str(number), runner.state())


def _count(spec: RaceSpec, seed: int, number: int, runner: Runner, counted: set[int]) -> Iterator[Event]:
    """What a step of a lane costs; nothing where its steps cannot be taken: training will find that too, and where."""
    steps = runner.measure()
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


def _standing(number: int, runner: Runner, test: Tensor) -> Event:
    """Where a lane stands after an epoch: a point, or its end."""
    whose = {"lane": number, "seed": runner.seed}
    place = f"{runner.seed}/{number}"
    if not runner.ended:
        with runner.failing(runner.epoch):
            on_train, on_test = runner.evaluate(runner.images), runner.evaluate(test)
            if isfinite(on_train.loss):
                return whose | {
                    "kind": "point", "key": f"point/{place}/{runner.epoch}", "epoch": runner.epoch,
                    "step": runner.step, "seconds": runner.seconds, "train_loss": on_train.loss,
                    "test_loss": on_test.loss, "train_error": on_train.error, "test_error": on_test.error,
                    "layers": asdict(runner.seen) if runner.seen else {},
                    "pictures": _pictures(runner.reconstruct(test[:SHOWN])) if runner.seed == runner.spec.seed else "",
                }  # fmt: skip
            runner.ended = f"epoch {runner.epoch}, step {runner.step}: the loss became {on_train.loss:g}"
    return whose | {"kind": "end", "key": f"end/{place}", "reason": runner.ended}


def _progress(spec: RaceSpec, seed: int, epoch: int, lane: int, share: float) -> float:
    """The share of the race that is done while ``lane`` is at ``share`` of ``epoch``."""
    costs = [lane.network_work(spec.workload()) for lane in spec.lanes]
    turn = (sum(costs[:lane]) + share * costs[lane]) / sum(costs)
    return ((seed - spec.seed) + (epoch + turn) / spec.epochs) / spec.seeds


def images_of(spec: RaceSpec, notice: str | None = None) -> tuple[Images, str]:
    """The images of a race, or where they cannot be had those that are drawn, with the reason for people.

    notice: that reason, or "", of a race that goes on: it keeps to the images that it began with. Raises
    DataUnavailable where it began with others than drawn ones and those cannot be had.
    """
    if notice is not None:
        return load_images("curves" if notice else spec.data), notice
    try:
        return load_images(spec.data), ""
    except DataUnavailable as error:
        return load_images("curves"), f"{error} Until then the race runs on CURVES-like images."


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
