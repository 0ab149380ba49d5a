"""How well a network of the race reconstructs images."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.images import floats
from engine.race.network import Autoencoder, cross_entropy

EVALUATED = 1_000
"""Images that are evaluated at once."""


@dataclass(frozen=True)
class Quality:
    """Means over images of sums over pixels.

    loss: binary cross-entropy in nats. error: squared error of the reconstruction.
    """

    loss: float
    error: float


def evaluate(net: Autoencoder, images: Tensor, dtype: torch.dtype) -> Quality:
    """Quality on images, uint8 [M, 784]."""
    loss = error = 0.0
    with torch.no_grad():
        for chunk in torch.split(images, EVALUATED):
            rows = floats(chunk, dtype)
            logits = net(rows)
            loss += cross_entropy(logits, rows).item()
            error += (torch.sigmoid(logits) - rows).square().sum().item()
    return Quality(loss / len(images), error / len(images))
