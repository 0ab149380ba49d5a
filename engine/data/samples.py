"""Labelled samples for classification. Each set of samples is a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import Tensor

from engine.data.images import floats
from engine.data.mnist import load_mnist
from engine.data.points import spirals


@dataclass(frozen=True)
class SampleSet:
    """A set of labelled samples that can be chosen.

    label: its name.
    load: (count, seed) -> inputs [count, d] with a mean square of about 1, labels [count], and a text that names their
        source. Raises engine.data.DataUnavailable.
    """

    label: str
    load: Callable[[int, int], tuple[Tensor, Tensor, str]]


def spiral_samples(count: int, seed: int) -> tuple[Tensor, Tensor, str]:
    """Points on three spirals, drawn from ``seed``."""
    points, arms = spirals(count, seed)
    return points / points.std(), arms, "three spirals"


def digit_samples(count: int, seed: int) -> tuple[Tensor, Tensor, str]:
    """The first training images of MNIST, whatever the seed. Raises DataUnavailable."""
    images = load_mnist()
    assert images.train_labels is not None
    rows = floats(images.train[:count])
    return (rows - rows.mean()) / rows.std(), images.train_labels[:count].long(), images.source


SAMPLES: Mapping[str, SampleSet] = MappingProxyType(
    {
        "spirals": SampleSet("Spirals", spiral_samples),
        "mnist": SampleSet("MNIST", digit_samples),
    }
)
"""All sample sets by name."""
