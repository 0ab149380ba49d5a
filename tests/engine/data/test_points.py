"""The toy points."""

import math

import torch

from engine.data.points import ARMS, spirals


def test_points_lie_on_their_arm_but_for_the_noise() -> None:
    points, arms = spirals(3_000, seed=1)
    assert points.shape == (3_000, 2) and torch.bincount(arms).tolist() == [1_000] * ARMS
    radius = points.norm(dim=1)
    expected = 2 * math.pi * (radius + arms / ARMS)
    on_arm = radius[:, None] * torch.stack([expected.cos(), expected.sin()], 1)
    away = (points - on_arm).norm(dim=1)
    # Along the arm, the noise also moves the expected angle, by 2 pi per unit of radius.
    assert away.median() < 0.15 and radius.max() < 1.15


def test_they_depend_on_the_seed_alone() -> None:
    torch.manual_seed(0)
    first, _ = spirals(50, seed=4)
    again, _ = spirals(50, seed=4)
    other, _ = spirals(50, seed=5)
    assert torch.equal(first, again) and not torch.equal(first, other)
