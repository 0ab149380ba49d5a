"""Toy points that a small network can learn to separate. A straight line cannot separate them."""

import math

import torch
from torch import Tensor

ARMS = 3


def spirals(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Points on ``ARMS`` spirals, [count, 2], and the arm of each point, [count].

    The arms start at the origin and make one turn within one unit of it. The points have normal noise of 0.03.
    """
    generator = torch.Generator().manual_seed(seed)
    arms = torch.arange(count) % ARMS
    radius = torch.rand(count, generator=generator)
    angle = 2 * math.pi * (radius + arms / ARMS)
    points = radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
    return points + 0.03 * torch.randn(count, 2, generator=generator), arms
