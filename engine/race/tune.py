"""Tuning with the same budget for every lane."""

import math
from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from engine.data import Images
from engine.devices import one_thread, resolve
from engine.optimizers import Lane
from engine.race.lane_trainer import LaneTrainer
from engine.race.precision import PRECISIONS
from engine.race.spec import RaceSpec
from engine.spec import encode


@dataclass(frozen=True)
class Trial:
    """One setting of a lane, and its train loss after ``spec.epochs``: infinite, with a ``reason``, if it diverged."""

    number: int
    lane: Lane
    loss: float
    seconds: float
    threads: int
    reason: str = ""


def lane_text(lane: Lane) -> str:
    """A lane as it is written in a link."""
    return encode(RaceSpec(lanes=(lane,)))["lanes"]


def candidates(lane: Lane, count: int, seed: int = 0) -> list[Lane]:
    """Draw ``count`` settings of ``lane`` from its record's search space, log-uniformly.

    The range of each hyper-parameter is cut into ``count`` equal parts on its log scale. One value is drawn from each
    part, in random order (a Latin hypercube), so that few trials cover the range.
    """
    generator = np.random.default_rng(seed)
    drawn = {}
    for name, (low, high) in lane.search.items():
        places = (generator.permutation(count) + generator.random(count)) / count
        drawn[name] = low * (high / low) ** places
    return [lane.but(**{name: float(values[number]) for name, values in drawn.items()}) for number in range(count)]


def tune(spec: RaceSpec, count: int, images: Images, known: Container[str] = ()) -> Iterator[Trial]:
    """Run ``count`` trials of each lane of ``spec`` on its first seed, in the lanes' order. The least loss is the best.

    Each trial trains as in a race of ``spec``. known: the texts (see ``lane_text``) of lanes that were tried before.
    These are left out.
    """
    device = resolve(spec.device)
    train = images.train[: spec.images].to(device)
    tried = [(number, lane) for each in spec.lanes for number, lane in enumerate(candidates(each, count))]
    with PRECISIONS[spec.precision].on(device), one_thread(spec.small()):
        for number, lane in tried:
            if lane_text(lane) in known:
                continue
            trainer = LaneTrainer(spec.but(look=False), lane, spec.seed, train)
            while trainer.epoch < spec.epochs and not trainer.ended:
                for _ in trainer.train():
                    pass
            loss = math.inf
            with trainer.failing(trainer.epoch):
                loss = math.inf if trainer.ended else trainer.evaluate(train).loss
            loss = loss if math.isfinite(loss) else math.inf
            yield Trial(number, lane, loss, trainer.clock.seconds, torch.get_num_threads(), trainer.ended)
