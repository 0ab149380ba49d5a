"""Recorded trainings on signals. The claims about convolutional and recurrent networks rest on them.

``python -m engine.activations.sequence_recorded`` repeats them and writes their files. It takes minutes. With names of
files it repeats only these.
``benchmarks/sequence_rates.py`` chose the learning rate of each network, on other signals and with other seeds.
"""

import platform
import sys
from pathlib import Path

import torch

from engine.activations.experiments import SEQUENCES
from engine.activations.sequence_claims import CONVOLUTIONS, DEEP, RECURRENT
from engine.activations.sequence_spec import SequenceSpec
from engine.activations.sequence_trained import SequenceTrained
from engine.experiment import ENDING, replay, save

FOLDER = Path(__file__).parent / "recordings"

RECORDED = {"convolutions": CONVOLUTIONS, "deep_convolutions": DEEP, "recurrent": RECURRENT}
"""The recorded trainings: name of the file -> settings."""


def recorded_sequence(spec: SequenceSpec) -> SequenceTrained | None:
    """The recorded training of ``spec``; None if there is none."""
    names = [name for name, own in RECORDED.items() if own == spec]
    return replay(SEQUENCES, FOLDER / f"{names[0]}{ENDING}")[0] if names else None


def record(name: str, spec: SequenceSpec) -> None:
    """Run the training of ``spec`` and save the events that it reports."""
    assert SEQUENCES.work is not None
    events = [item for item in SEQUENCES.work(spec, {}) if isinstance(item, dict)]
    events[0] |= {"torch": torch.__version__, "python": platform.python_version()}
    save(FOLDER / f"{name}{ENDING}", spec, events, "python -m engine.activations.sequence_recorded")


if __name__ == "__main__":
    for file in sys.argv[1:] or RECORDED:
        record(file, RECORDED[file])
