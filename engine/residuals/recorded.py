"""Trainings and a sweep that ship with the lab, so that their pictures stand at once.

``python -m engine.residuals.recorded`` runs them again, a minute or two each, and writes their files.
"""

import gzip
import json
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch

from engine.events import Event, Work
from engine.residuals.presets import EARNED, POST_LN
from engine.residuals.spec import TrainingSpec
from engine.residuals.trained import Sweep, Training
from engine.residuals.training import sweep, train

FOLDER = Path(__file__).parent / "recordings"

TRAININGS = {
    "spirals": TrainingSpec(),
    "post_ln": POST_LN,
    "post_ln_warm": POST_LN.but(warmup=300),
    "earned": EARNED,
}
"""What is recorded of ``train``, by the name of its file."""

SWEEPS = {"depths": TrainingSpec()}
"""The same of ``sweep``."""


@cache
def recorded(spec: TrainingSpec) -> Training | None:
    """The recorded training of ``spec``; None where there is none. ``start`` has the versions it ran on."""
    events = _read(TRAININGS, spec)
    return Training.of(spec, events) if events else None


@cache
def recorded_sweep(spec: TrainingSpec) -> Sweep | None:
    """The recorded sweep up to ``spec``; None where there is none."""
    events = _read(SWEEPS, spec)
    return Sweep.of(spec, events) if events else None


def _read(kept: Mapping[str, TrainingSpec], spec: TrainingSpec) -> list[Event]:
    name = next((name for name, own in kept.items() if own == spec), None)
    if name is None:
        return []
    events: list[Event] = json.loads(gzip.decompress(_file(name).read_bytes()))
    return events


def _file(name: str) -> Path:
    return FOLDER / f"{name}.json.gz"


def record(name: str, work: Work, spec: TrainingSpec) -> None:
    """Run ``work`` on ``spec`` and write what it told."""
    events = [item for item in work(spec, {}) if isinstance(item, dict) and item["kind"] != "tick"]
    events[0] |= {"torch": torch.__version__, "python": platform.python_version()}
    _file(name).write_bytes(gzip.compress(json.dumps(events).encode(), mtime=0))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each, settings in TRAININGS.items():
        record(each, train, settings)
    for each, settings in SWEEPS.items():
        record(each, sweep, settings)
