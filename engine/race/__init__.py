"""The race of optimizers on a deep autoencoder."""

from engine.race.result import Race, load, save
from engine.race.run import race
from engine.race.spec import RaceSpec, published

__all__ = ["Race", "RaceSpec", "load", "published", "race", "save"]
