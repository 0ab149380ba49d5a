"""The race as an experiment."""

from engine.experiment import Experiment
from engine.race.result import Race
from engine.race.schedule import race
from engine.race.script import recipe
from engine.race.spec import RaceSpec

RACE = Experiment(
    name="engine.race.experiments:RACE",
    spec=RaceSpec,
    work=race,
    fold=Race.of,
    seconds=RaceSpec.seconds,
    recipe=recipe,
)
"""A race of optimizers on the deep autoencoder."""
