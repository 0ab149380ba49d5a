"""Digits that tests draw themselves, in place of MNIST: each class is a pattern of its own, with noise."""

import torch

from engine.data import Images

PLACE = "engine.data.samples.load_mnist"
"""The function that ``drawn_digits`` replaces."""


def drawn_digits() -> Images:
    """6,000 images of ten classes, 28 x 28."""
    generator = torch.Generator().manual_seed(0)
    patterns = torch.rand(10, 784, generator=generator) < 0.2
    labels = torch.arange(6_000) % 10
    noise = torch.rand(6_000, 784, generator=generator)
    images = (255 * (0.7 * patterns[labels] + 0.3 * noise)).to(torch.uint8)
    return Images(images, images[:10], "patterns that a test draws", labels.to(torch.uint8), None)
