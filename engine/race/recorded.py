"""Races that ship with the project, and those worth running."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.race.result import Race, load
from engine.race.spec import RaceSpec, published

FOLDER = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class Recording:
    """A race that was run once and kept.

    title: on its button. look_for: a sentence or two on what to see. file: the pair's name in ``FOLDER``.
    """

    title: str
    look_for: str
    file: str

    def race(self) -> Race:
        return _load(self.file)


@cache
def _load(file: str) -> Race:
    return load(FOLDER / file)


RECORDINGS = {
    "minutes": Recording(
        "Recorded: two minutes",
        "A small autoencoder on 5,000 digits. In LocoProp every layer solves a small problem of its own on each batch. "
        "Per epoch it leaves Adam and RMSprop far behind; Adam with eight updates a batch, its equal in compute, is "
        "ahead here. The rivals run near the best of twelve trials each, LocoProp by its authors' recipe. Watch the "
        "digits sharpen, then compare by the clock.",
        "minutes",
    ),
}
"""Recordings by their key in links; the first is what the page opens on."""


@dataclass(frozen=True)
class Preset:
    """title: on its button.  look_for: what to see.  spec: the race."""

    title: str
    look_for: str
    spec: RaceSpec


PRESETS = (
    Preset(
        "Benchmark, tanh",
        "The autoencoder and the schedule of the paper on all of MNIST: 100 epochs are a matter of hours on a CPU, "
        "so set fewer to see its beginning.",
        published("tanh"),
    ),
    Preset(
        "Benchmark, ReLU",
        "The same with ReLU units, where Adam is far ahead of its tanh self.",
        published("relu"),
    ),
)
