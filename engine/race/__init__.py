"""The race of optimizers on a deep autoencoder."""

from engine.race.result import Race
from engine.race.schedule import race
from engine.race.spec import RaceSpec, published

__all__ = ["Race", "RaceSpec", "published", "race"]
