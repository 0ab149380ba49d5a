"""Data sets of images, one record each. Labelled samples for classification are in ``engine.data.samples``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from engine.data.curves import TRAIN, draw_curves, load_curves
from engine.data.idx import Archive, read_folder
from engine.data.images import DataUnavailable, Images, floats
from engine.data.mnist import load_mnist

__all__ = [
    "DATASETS",
    "DRAWN",
    "Archive",
    "DataUnavailable",
    "Dataset",
    "Images",
    "draw_curves",
    "floats",
    "load_images",
    "read_folder",
]


@dataclass(frozen=True)
class Dataset:
    """A data set that can be chosen.

    label: its name. about: one sentence. title, url: its source. train: the number of training images.
    load: reads, downloads or draws it; raises DataUnavailable. An exported script carries the module that defines this
        function, and all that it imports from this package.
    """

    label: str
    about: str
    title: str
    url: str
    train: int
    load: Callable[[], Images]


DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        "mnist": Dataset(
            "MNIST",
            "Handwritten digits: 60,000 images to train on and 10,000 to test with.",
            "LeCun, Cortes and Burges, The MNIST database of handwritten digits",
            "https://yann.lecun.com/exdb/mnist/",
            60_000,
            load_mnist,
        ),
        "curves": Dataset(
            "CURVES-like",
            "Pen strokes through three random points. They resemble the CURVES set but are not the same images, so"
            " losses cannot be compared with published ones. 20,000 images are for training, 10,000 for testing.",
            "After Hinton and Salakhutdinov, Reducing the dimensionality of data with neural networks, 2006",
            "https://doi.org/10.1126/science.1127647",
            TRAIN,
            load_curves,
        ),
    }
)
"""All data sets by name."""

DRAWN = "curves"
"""The data set that is always available: this package draws it."""


@cache
def load_images(name: str) -> Images:
    """The data set ``name``, loaded once in a process. Raises DataUnavailable, and tries again at the next call."""
    return DATASETS[name].load()
