"""Recorded trainings and a recorded sweep. They ship with the lab, so that a page can show their pictures at once.

``python -m engine.residuals.recorded`` repeats them and writes their files. Each takes a minute or two.
"""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from engine.experiment import ENDING, Experiment, R, replay, save
from engine.residuals.experiments import SWEEP, TRAINING
from engine.residuals.spec import TrainingSpec
from engine.residuals.trained import Sweep, Training

FOLDER = Path(__file__).parent / "recordings"

POST_LN = TrainingSpec(
    depth=32, activation="relu", initializer="xavier_normal", norm="post", block=2, lr=0.007, steps=600
)

EARNED = TrainingSpec(depth=20, block=2, activation="gelu", initializer="he_normal", scale="zero", lr=0.01)

TRAININGS = {
    "spirals": TrainingSpec(),
    "post_ln": POST_LN,
    "post_ln_warm": POST_LN.but(warmup=300),
    "pre_ln": POST_LN.but(norm="pre"),
    "earned": EARNED,
}
"""The recorded trainings: name of the file -> settings."""

SWEEPS = {"depths": TrainingSpec()}
"""The recorded sweeps: name of the file -> settings."""


def recorded(spec: TrainingSpec) -> Training | None:
    """The recorded training of ``spec``; None if there is none. ``start`` names the versions of torch and Python."""
    return _replayed(TRAINING, TRAININGS, spec)


def recorded_sweep(spec: TrainingSpec) -> Sweep | None:
    """The recorded sweep up to the depth of ``spec``; None if there is none."""
    return _replayed(SWEEP, SWEEPS, spec)


def _replayed(
    experiment: Experiment[TrainingSpec, R], kept: Mapping[str, TrainingSpec], spec: TrainingSpec
) -> R | None:
    names = [name for name, own in kept.items() if own == spec]
    return replay(experiment, FOLDER / f"{names[0]}{ENDING}")[0] if names else None


def record(experiment: Experiment[TrainingSpec, Any], name: str, spec: TrainingSpec) -> None:
    """Run ``experiment`` on ``spec`` and save the events that it reports."""
    assert experiment.work is not None
    events = [item for item in experiment.work(spec, {}) if isinstance(item, dict)]
    events[0] |= {"torch": torch.__version__, "python": platform.python_version()}
    save(FOLDER / f"{name}{ENDING}", spec, events, "python -m engine.residuals.recorded")


if __name__ == "__main__":
    for experiment, specs in ((TRAINING, TRAININGS), (SWEEP, SWEEPS)):
        for file, settings in specs.items():
            record(experiment, file, settings)
