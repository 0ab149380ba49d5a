"""Races that ship with the project, and those worth running."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.experiment import Preset
from engine.race.result import Race, load
from engine.race.spec import published

FOLDER = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class Recording:
    """A race that was run once and kept.

    title: on its button. look_for: a sentence or two on what to see. file: the pair's name in ``FOLDER``. settings: how
    those of its lanes were found.
    """

    title: str
    look_for: str
    file: str
    settings: str

    def race(self) -> Race:
        return _load(self.file)


@cache
def _load(file: str) -> Race:
    return load(FOLDER / file)


RECORDINGS = {
    "minutes": Recording(
        "Recorded: two minutes",
        "A small autoencoder on 5,000 digits. In LocoProp every layer solves a small problem of its own on each "
        "batch. Per epoch LocoProp-M and -S leave Adam, RMSprop, K-FAC and Shampoo behind; Adam with eight updates a "
        "batch, LocoProp-M's equal in compute, is ahead here. Watch the digits sharpen, then compare by the clock.",
        "minutes",
        "All near the best of twelve trials each, but LocoProp-M, which has its authors' defaults.",
    ),
    "tanh": Recording(
        "Recorded: benchmark, tanh",
        "The published benchmark's first fifteen epochs on all of MNIST, with thirteen optimizers. At first "
        "both LocoProps and Adam with eight updates a batch are far ahead; at the end LocoProp-M, that Adam and K-FAC "
        "are level, and K-FAC gets there in a third of the time on these two cores.",
        "tanh",
        "All at the best of twelve trials of five epochs each, but LocoProp-M, which has its authors' defaults. In the "
        "first epoch of the warm-up the rate is zero.",
    ),
}
"""Recordings by their key in links; the first is what the page opens on."""


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
