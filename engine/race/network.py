"""The deep autoencoder of the race, and the quality of its reconstructions."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.data.images import floats
from engine.nn import TRANSFERS, Transfer

PIXELS = 784

# The number of images that are evaluated at once.
EVALUATED = 1_000

HIDDEN = {name: each for name, each in TRANSFERS.items() if not each.coupled and name != "identity"}
"""Transfer functions for hidden layers: each has a potential for LocoProp, acts on each unit alone, is not linear."""


def widths(depth: int, width: float) -> list[int]:
    """Units of each layer, input and output included: 784-1000-500-250-30 and its mirror at depth 1, width 1.

    depth: number of layers of 500 units in a row. width: scales all layers but the 784 pixels.
    """
    encoder = [PIXELS, *(max(1, round(width * units)) for units in (1000, *[500] * depth, 250, 30))]
    return [*encoder, *reversed(encoder[:-1])]


class Autoencoder(nn.Module):
    """Linear layers with transfer functions between them. The code is linear, the outputs are logits of the pixels.

    units: number of units of each layer, input and output included. transfer: a key of ``HIDDEN``, for hidden layers.
    Weights and biases are Glorot uniform. A bias of n units lies within sqrt(3 / n). They depend only on ``seed``.
    """

    def __init__(self, units: list[int], transfer: str, seed: int, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        linear = [nn.Linear(inputs, outputs) for inputs, outputs in pairwise(units)]
        for layer in linear:
            outputs, inputs = layer.weight.shape
            for parameter, fan in ((layer.weight, (inputs + outputs) / 2), (layer.bias, outputs)):
                bound = (3 / fan) ** 0.5
                # Always drawn in float32, so that a race's start does not depend on the precision.
                parameter.data.uniform_(-bound, bound, generator=generator)
        transfers = [TRANSFERS[transfer]] * len(linear)
        transfers[len(units) // 2 - 1] = TRANSFERS["identity"]
        transfers[-1] = TRANSFERS["sigmoid"]
        self.layers: list[tuple[nn.Linear, Transfer]] = list(zip(linear, transfers, strict=True))
        """Each layer with the transfer function that follows it. The loss implies the last one."""
        self.linear = nn.ModuleList(linear)
        self.dtype = dtype
        self.to(dtype)

    def forward(self, images: Tensor) -> Tensor:
        """Images [N, 784] in [0, 1] -> logits [N, 784]."""
        rows = images
        for layer, transfer in self.layers[:-1]:
            rows = transfer.f(layer(rows))
        logits: Tensor = self.layers[-1][0](rows)
        return logits

    def loss(self, images: Tensor) -> Tensor:
        """Binary cross-entropy, summed over pixels and averaged over images."""
        return cross_entropy(self(images), images) / len(images)


def cross_entropy(logits: Tensor, images: Tensor) -> Tensor:
    """Binary cross-entropy, summed over pixels and images, in nats."""
    return nn.functional.binary_cross_entropy_with_logits(logits, images, reduction="sum")


@dataclass(frozen=True)
class Quality:
    """Means over images of sums over pixels.

    loss: binary cross-entropy in nats. error: squared error of the reconstruction.
    """

    loss: float
    error: float


def evaluate(net: Autoencoder, images: Tensor) -> Quality:
    """Quality on images, uint8 [M, 784]."""
    loss = error = 0.0
    with torch.no_grad():
        for chunk in torch.split(images, EVALUATED):
            rows = floats(chunk, net.dtype)
            logits = net(rows)
            loss += cross_entropy(logits, rows).item()
            error += (torch.sigmoid(logits) - rows).square().sum().item()
    return Quality(loss / len(images), error / len(images))
