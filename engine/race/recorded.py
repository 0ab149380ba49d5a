"""Races that ship with the project, and those worth running."""

from dataclasses import dataclass
from pathlib import Path

from engine.experiment import ENDING, Preset, replay
from engine.race.experiments import RACE
from engine.race.result import Race
from engine.race.spec import published

FOLDER = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class RecordedRace:
    """A race that was run once and stored.

    title: the text of its button. look_for: one or two sentences on what to see. file: the file's name in ``FOLDER``.
    settings: how the settings of its lanes were found.
    """

    title: str
    look_for: str
    file: str
    settings: str

    def replay(self) -> tuple[Race, str]:
        """The race, and the shell command that repeats it."""
        return replay(RACE, FOLDER / f"{self.file}{ENDING}")


RECORDINGS = {
    "minutes": RecordedRace(
        "Recorded: two minutes",
        "A small autoencoder on 5,000 digits. In LocoProp every layer solves a small problem of its own on each "
        "batch. Per epoch LocoProp-M and -S leave Adam, RMSprop, K-FAC and Shampoo behind. Adam × 8 takes eight "
        "updates a batch, which cost as much as a step of LocoProp-M, and is ahead here. Watch the digits sharpen, "
        "then compare by the clock.",
        "minutes",
        "All lanes are near the best of twelve trials each, but for LocoProp-M, which has its authors' defaults.",
    ),
    "tanh": RecordedRace(
        "Recorded: benchmark, tanh",
        "The published benchmark's first fifteen epochs on all of MNIST, with thirteen optimizers. At first "
        "both LocoProps and Adam × 8, with eight updates a batch, are far ahead; at the end LocoProp-M, Adam × 8 and "
        "K-FAC are level, and K-FAC gets there in a third of the time on these two cores.",
        "tanh",
        "All lanes have the best of twelve trials of five epochs each, but for LocoProp-M, which has its authors' "
        "defaults. In the first epoch of the warm-up the rate is zero.",
    ),
}
"""Key in links -> recording. The page opens on the first one."""


PRESETS = (
    Preset(
        "Benchmark, tanh",
        "The autoencoder and the schedule of the paper on all of MNIST: 100 epochs are a matter of hours on a CPU, "
        "so set fewer to see its beginning.",
        "",
        published("tanh"),
    ),
    Preset(
        "Benchmark, ReLU",
        "The same with ReLU units, where Adam is far ahead of its tanh self.",
        "",
        published("relu"),
    ),
)
