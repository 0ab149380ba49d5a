"""Races that ship with the project, and those worth running."""

from dataclasses import dataclass
from pathlib import Path

from engine.experiment import ENDING, Preset, Question, replay
from engine.race import questions
from engine.race.experiments import RACE
from engine.race.result import Race
from engine.race.spec import published

FOLDER = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class RecordedRace:
    """A race that was run once and stored.

    title: the text of its button. look_for: one or two sentences on what to see. file: the file's name in ``FOLDER``.
    settings: how the settings of its lanes were found. question: what the visitor predicts before it is shown.
    """

    title: str
    look_for: str
    file: str
    settings: str
    question: Question[Race]

    def replay(self) -> tuple[Race, str]:
        """The race, and the shell command that repeats it."""
        return replay(RACE, FOLDER / f"{self.file}{ENDING}")


RECORDINGS = {
    "minutes": RecordedRace(
        "Recorded: two minutes",
        "LocoProp gives every layer a small problem of its own on each batch. Per epoch it beats Adam, RMSprop, K-FAC "
        "and Shampoo. But its step costs as much as the eight updates of Adam × 8, which is ahead here: watch the "
        "digits sharpen, then compare by seconds.",
        "minutes",
        "A small autoencoder on 5,000 digits. All optimizers are near the best of twelve trials each, but for "
        "LocoProp-M, which has its authors' defaults.",
        questions.LEADS,
    ),
    "tanh": RecordedRace(
        "Recorded: benchmark, tanh",
        "In LocoProp every layer solves a small problem of its own on each batch. At first LocoProp-M is far ahead of "
        "K-FAC. After fifteen epochs they are level, and K-FAC has needed a third of the time on these two cores.",
        "tanh",
        "The published benchmark's first fifteen epochs on all of MNIST. All optimizers have the best of twelve trials "
        "of five epochs each, but for LocoProp-M, which has its authors' defaults. In the first epoch of the warm-up "
        "the rate is zero.",
        questions.SOONER,
    ),
}
"""Key in links -> recording. The page opens on the first one."""


PRESETS = (
    Preset(
        "Benchmark, tanh",
        "The network and the schedule of the LocoProp paper, on all of MNIST. The paper compares the losses after 100 "
        "epochs. They take hours on a CPU: set fewer to see the beginning.",
        "",
        published("tanh"),
        questions.LEADS,
    ),
    Preset(
        "Benchmark, ReLU",
        "The same benchmark with ReLU instead of tanh. Adam does far better with ReLU. 100 epochs take hours on a CPU: "
        "set fewer to see the beginning.",
        "",
        published("relu"),
        questions.LEADS,
    ),
)
