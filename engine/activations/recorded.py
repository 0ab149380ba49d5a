"""Recorded trainings. They ship with the lab, so that a page can show their pictures at once.

``python -m engine.activations.recorded`` repeats them and writes their files. It takes a minute.
"""

import platform
from pathlib import Path

import torch

from engine.activations.experiments import TRAINING
from engine.activations.presets import TRAININGS
from engine.activations.trained import Trained
from engine.activations.training_spec import TrainSpec
from engine.experiment import ENDING, replay, save

FOLDER = Path(__file__).parent / "recordings"


def recorded(spec: TrainSpec) -> Trained | None:
    """The recorded training of ``spec``; None if there is none."""
    names = [name for name, own in TRAININGS.items() if own == spec]
    return replay(TRAINING, FOLDER / f"{names[0]}{ENDING}")[0] if names else None


def record(name: str, spec: TrainSpec) -> None:
    """Run the training of ``spec`` and save the events that it reports."""
    assert TRAINING.work is not None
    events = [item for item in TRAINING.work(spec, {}) if isinstance(item, dict)]
    events[0] |= {"torch": torch.__version__, "python": platform.python_version()}
    save(FOLDER / f"{name}{ENDING}", spec, events, "python -m engine.activations.recorded")


if __name__ == "__main__":
    for file, settings in TRAININGS.items():
        record(file, settings)
