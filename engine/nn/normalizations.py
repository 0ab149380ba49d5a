"""Normalizations of activations [N, d] or [N, T, d], one record each. They are computed by torch's own modules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import nn

GROUPS = 8
"""The most groups of a group normalization. There are fewer if this number does not divide the number of units."""


@dataclass(frozen=True)
class Normalization:
    """A layer that normalizes the size of activations, and their mean except in RMSNorm.

    label: the name shown. build: units -> a fresh module with scale 1 and shift 0. over: the numbers that the layer
        averages over, in words.
    formula: the output for the input x, in LaTeX. about: a sentence. source: (title, address) of the publication.
    """

    label: str
    build: Callable[[int], nn.Module]
    over: str
    formula: str
    about: str
    source: tuple[str, str]


def group(units: int) -> nn.Module:
    groups = next(count for count in range(min(GROUPS, units), 0, -1) if units % count == 0)
    return nn.GroupNorm(groups, units)


NORMALIZATIONS: Mapping[str, Normalization] = MappingProxyType(
    {
        "layer": Normalization(
            "LayerNorm", nn.LayerNorm, "the units of a sample",
            r"\gamma \odot \frac{x - \operatorname{mean}(x)}{\sqrt{\operatorname{var}(x) + \epsilon}} + \beta",
            "Normalizes each sample by itself, in training and in use.",
            ("Ba, Kiros & Hinton 2016, Layer normalization", "https://arxiv.org/abs/1607.06450"),
        ),
        "rms": Normalization(
            "RMSNorm", nn.RMSNorm, "the units of a sample",
            r"\gamma \odot \frac{x}{\sqrt{\operatorname{mean}(x^2) + \epsilon}}",
            "LayerNorm without the mean and the shift.",
            ("Zhang & Sennrich 2019, Root mean square layer normalization", "https://arxiv.org/abs/1910.07467"),
        ),
        "batch": Normalization(
            "BatchNorm", nn.BatchNorm1d, "the samples of a batch",
            r"\gamma \odot \frac{x - \operatorname{mean}_B(x)}{\sqrt{\operatorname{var}_B(x) + \epsilon}} + \beta",
            "Normalizes each unit over the batch. In use it takes running averages over the training batches instead.",
            ("Ioffe & Szegedy 2015, Batch normalization", "https://arxiv.org/abs/1502.03167"),
        ),
        "group": Normalization(
            "GroupNorm", group, "a group of units of a sample",
            r"\gamma \odot \frac{x - \operatorname{mean}_G(x)}{\sqrt{\operatorname{var}_G(x) + \epsilon}} + \beta",
            "Lies between LayerNorm, which has one group, and a layer that has one group for each unit.",
            ("Wu & He 2018, Group normalization", "https://arxiv.org/abs/1803.08494"),
        ),
    }
)  # fmt: skip
"""All normalizations by name, in the order shown."""
