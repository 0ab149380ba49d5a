"""One training loop for all topics: batches, rates, clock, early ends, checkpoints, and its part in a script."""

from engine.training.checkpoints import pack, unpack
from engine.training.loop import FAILURES, Clock, Trainer, cosine, drawn, rate, shuffled, take_steps, update

__all__ = [
    "FAILURES",
    "Clock",
    "Trainer",
    "cosine",
    "drawn",
    "pack",
    "rate",
    "shuffled",
    "take_steps",
    "unpack",
    "update",
]
