"""Recorded trainings on signals. The claims about convolutional and recurrent networks rest on them.

``python -m engine.activations.sequence_recorded`` repeats them and writes their files. It takes minutes.
``benchmarks/sequence_rates.py`` chose the learning rate of each network, on other signals and with other seeds.
"""

import platform
from pathlib import Path

import torch

from engine.activations.experiments import SEQUENCES
from engine.activations.sequence_spec import Learner, SequenceSpec
from engine.activations.sequence_trained import SequenceTrained
from engine.experiment import ENDING, replay, save

FOLDER = Path(__file__).parent / "recordings"

CONVOLUTIONS = SequenceSpec(
    schemes=(
        Learner(activation="relu", lr=0.008),
        Learner(activation="leaky_relu", lr=0.008),
        Learner(activation="elu", lr=0.008),
        Learner(activation="gelu", lr=0.008),
        Learner(activation="silu", lr=0.008),
        Learner(activation="tanh", lr=0.008),
        Learner(activation="sigmoid", lr=0.016),
    ),
    steps=500,
)
"""A convolutional network with seven activation functions."""

DEEP = SequenceSpec(
    depth=16,
    batch=32,
    schemes=(
        Learner(activation="relu", initializer="lecun_normal", lr=0.004),
        Learner(activation="relu", initializer="he_normal", lr=0.004),
        Learner(activation="selu", initializer="lecun_normal", lr=0.002),
        Learner(activation="selu", initializer="he_normal", lr=0.002),
    ),
)
"""A deep one with ReLU and SELU, and with the rules of LeCun and He."""

RECURRENT = SequenceSpec(
    network="recurrent",
    depth=1,
    width=48,
    steps=1_000,
    schemes=(
        Learner(activation="tanh", initializer="orthogonal", lr=0.001),
        Learner(activation="relu", initializer="orthogonal", lr=0.001),
        Learner(activation="tanh", initializer="identity", lr=0.001),
        Learner(activation="relu", initializer="identity", lr=0.002),
    ),
)
"""A recurrent network with tanh and ReLU, from two starts."""

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
    for file, settings in RECORDED.items():
        record(file, settings)
