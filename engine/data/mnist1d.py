"""MNIST-1D: short signals of ten classes that a network must find somewhere in the noise. They are drawn, not loaded.

Greydanus 2020, Scaling down deep learning, https://arxiv.org/abs/2011.14439. The shapes of the classes and all sizes
are those of the paper. The random numbers are our own, so the signals are others of the same distribution.
"""

import math

import torch
from torch import Tensor

SIGNAL_LENGTH = 40
"""The number of points of a signal."""

DIGIT_SHAPES = torch.tensor([
    [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
    [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
    [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
    [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
    [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
    [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
    [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
    [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
    [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
])  # fmt: skip
"""The shape of each class, ten digits drawn with one stroke, [10, 12]."""

STRETCHED, ZEROS = 72, (36, 60)
"""The points before a signal is thinned out to ``SIGNAL_LENGTH``, and the range of the zeros that follow a shape."""

BEGINNINGS, STRENGTHS, TILT = 48, 0.4, 0.75
"""The number of places where a shape may begin, the range of its factor around 1, and the range of the slope."""

ROUGHNESS, GRAIN, SMOOTHNESS = 0.25, 0.02, 2.0
"""Size of the noise beside the shape and of the noise everywhere, and how many points wide the first is smoothed."""


def mnist1d(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Signals with mean 0 and mean square 1, [count, SIGNAL_LENGTH], and the class of each, [count]."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % len(DIGIT_SHAPES)
    padded = torch.zeros(count, STRETCHED)
    padded[:, : DIGIT_SHAPES.shape[1]] = digit_shapes()[labels]
    zeros = torch.randint(ZEROS[0], ZEROS[1] + 1, (count, 1), generator=generator)
    begin = torch.randint(BEGINNINGS, (count, 1), generator=generator)
    # The shape and its zeros are stretched over all points, and then moved to where they begin.
    length = DIGIT_SHAPES.shape[1] + zeros
    place = (torch.arange(STRETCHED) - begin) % STRETCHED * (length - 1) / (STRETCHED - 1)  # [count, STRETCHED]
    signal = _between(padded, place) * (1 + STRENGTHS * _centred(count, generator))
    rough = torch.randn(count, 1, STRETCHED + 8 * int(SMOOTHNESS), generator=generator)
    noise = torch.nn.functional.conv1d(rough, _bell()[None, None])[:, 0]
    signal = torch.where(place < DIGIT_SHAPES.shape[1], signal, ROUGHNESS * noise)
    signal = signal + GRAIN * torch.randn(count, STRETCHED, generator=generator)
    signal = signal - TILT * _centred(count, generator) * torch.linspace(-0.5, 0.5, STRETCHED)
    signal = _between(signal, torch.linspace(0, STRETCHED - 1, SIGNAL_LENGTH).expand(count, -1))
    return (signal - signal.mean()) / signal.std(), labels


def digit_shapes() -> Tensor:
    """The shapes with the same spread each, from 0 to 0, [10, 12]."""
    scaled = DIGIT_SHAPES / DIGIT_SHAPES.std(1, correction=0, keepdim=True)
    return (scaled - scaled[:, :1]) / 6


def _centred(count: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, 1, generator=generator) - 0.5


def _bell() -> Tensor:
    """Weights of a moving average, a normal density over four spreads on both sides, that add up to 1."""
    points = torch.arange(-4 * int(SMOOTHNESS), 4 * int(SMOOTHNESS) + 1)
    bell = torch.exp(-points.square() / (2 * SMOOTHNESS**2)) / (SMOOTHNESS * math.sqrt(2 * math.pi))
    return bell / bell.sum()


def _between(values: Tensor, place: Tensor) -> Tensor:
    """``values`` [count, n] at ``place`` [count, m], on the lines between neighbours."""
    left = place.floor().long().clamp(max=values.shape[1] - 2)
    share = place - left
    return values.gather(1, left) * (1 - share) + values.gather(1, left + 1) * share
