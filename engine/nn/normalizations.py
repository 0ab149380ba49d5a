"""Normalizations of activations [N, d] or [N, T, d], one record each. Torch's own modules compute them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import nn

GROUPS = 8
"""Groups of a group normalization, or as many as there are units."""


@dataclass(frozen=True)
class Normalization:
    """A layer that sets mean and size of activations.

    label: the name shown. build: units -> a fresh module, scale 1 and shift 0. over: what its mean is taken over.
    formula: in LaTeX, of x. about: a sentence. source: (title, address) of the publication.
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
            "Each sample by itself, in training as in use.",
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
            "Each unit over the batch; in use over a running average of batches.",
            ("Ioffe & Szegedy 2015, Batch normalization", "https://arxiv.org/abs/1502.03167"),
        ),
        "group": Normalization(
            "GroupNorm", group, "a group of units of a sample",
            r"\gamma \odot \frac{x - \operatorname{mean}_G(x)}{\sqrt{\operatorname{var}_G(x) + \epsilon}} + \beta",
            "Between LayerNorm, one group, and a group for each unit.",
            ("Wu & He 2018, Group normalization", "https://arxiv.org/abs/1803.08494"),
        ),
    }
)  # fmt: skip
"""By name, in the order shown."""
