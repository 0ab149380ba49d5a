"""Tuning with the same budget for every lane."""

import math
from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np

from engine.data import Images
from engine.devices import resolve
from engine.optimizers import Lane
from engine.race.runner import Runner
from engine.race.spec import RaceSpec


@dataclass(frozen=True)
class Trial:
    """One setting of a lane after ``spec.epochs``: its train loss, infinite with a ``reason`` where it diverged."""

    number: int
    lane: Lane
    loss: float
    seconds: float
    reason: str = ""


def candidates(lane: Lane, count: int, seed: int = 0) -> list[Lane]:
    """``count`` settings of ``lane`` from its record's search space, log-uniform.

    Of each hyper-parameter the range is cut into ``count`` equal parts on its log scale and each is drawn from once, in
    random order (a Latin hypercube), so that few trials cover it.
    """
    generator = np.random.default_rng(seed)
    drawn = {}
    for name, (low, high) in lane.search.items():
        places = (generator.permutation(count) + generator.random(count)) / count
        drawn[name] = low * (high / low) ** places
    return [lane.but(**{name: float(values[number]) for name, values in drawn.items()}) for number in range(count)]


def tune(spec: RaceSpec, count: int, images: Images, known: Container[tuple[str, int]] = ()) -> Iterator[Trial]:
    """``count`` trials of each lane of ``spec`` on its first seed, in the lanes' order; the best has the least loss.

    known: optimizers and numbers of trials that were made before, which are left out.
    """
    train = images.train[: spec.images].to(resolve(spec.device))
    for lane in spec.lanes:
        for number, candidate in enumerate(candidates(lane, count)):
            if (lane.optimizer, number) in known:
                continue
            runner = Runner(spec.but(look=False), candidate, spec.seed, train)
            while runner.epoch < spec.epochs and not runner.ended:
                for _ in runner.train():
                    pass
            loss = math.inf if runner.ended else runner.evaluate(train).loss
            if not math.isfinite(loss):
                loss = math.inf
            yield Trial(number, candidate, loss, runner.seconds, runner.ended)
