"""A data set of images, and the error that is raised if a data set is not available."""

from dataclasses import dataclass

import torch
from torch import Tensor


class DataUnavailable(Exception):
    """A data set is not available. The message is for people: what was wrong with which file, and what to do."""


@dataclass(frozen=True, eq=False)
class Images:
    """Gray images of 28 x 28 pixels, one per row, as bytes: a quarter of the memory of floats. Do not change them.

    train [N, 784], test [M, 784]: uint8, 0 without ink and 255 with full ink.
    source: where they come from, in words.
    train_labels [N], test_labels [M]: uint8, or None where images have no classes.
    """

    train: Tensor
    test: Tensor
    source: str
    train_labels: Tensor | None = None
    test_labels: Tensor | None = None


def floats(images: Tensor, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu") -> Tensor:
    """Rows of ``Images`` as intensities in [0, 1]. They are copied to ``device`` as bytes."""
    return images.to(device).to(dtype) / 255
