"""Trainings that ship with the lab, so that their pictures stand at once.

``python -m engine.residuals.recorded`` runs them again, a minute or two each, and writes their files.
"""

import gzip
import json
import platform
from functools import cache
from pathlib import Path

import torch

from engine.residuals.presets import POST_LN, REZERO
from engine.residuals.spec import TrainingSpec
from engine.residuals.trained import Training
from engine.residuals.training import train

FOLDER = Path(__file__).parent / "recordings"

RECORDED = {
    "spirals": TrainingSpec(),
    "post_ln": POST_LN,
    "post_ln_warm": POST_LN.but(warmup=200),
    "rezero": TrainingSpec(**dict(REZERO)),
}
"""What each file holds, by its name."""


@cache
def recorded(spec: TrainingSpec) -> Training | None:
    """The recorded training of ``spec``; None where there is none. ``start`` has the versions it ran on."""
    for name, own in RECORDED.items():
        if own == spec:
            with gzip.open(file(name), "rt", encoding="utf-8") as lines:
                return Training.of(spec, json.load(lines))
    return None


def file(name: str) -> Path:
    return FOLDER / f"{name}.json.gz"


def record(name: str) -> None:
    """Run the training of this name and write its file."""
    events = [item for item in train(RECORDED[name]) if isinstance(item, dict) and item["kind"] != "tick"]
    events[0] |= {"torch": torch.__version__, "python": platform.python_version()}
    with file(name).open("wb") as out, gzip.GzipFile("", "wb", mtime=0, fileobj=out) as packed:
        packed.write(json.dumps(events).encode())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in RECORDED:
        record(each)
