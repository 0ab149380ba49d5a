"""Small networks that share their weights: over the places of a signal or an image, or over the steps of a sequence."""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from engine.nn.activations import Activation
from engine.nn.convolution import Convolution
from engine.nn.recurrent import ElmanCell, Recurrent

HALVINGS = 3
"""So many of the first convolutions move by two places at a time, which halves the signal."""


class ConvolutionalNetwork(nn.Module):
    """Convolutions with patches of 3 places, and a linear head over all that is left: [N, *shape] -> [N, classes].

    shape: (channels, length) of a signal, or (channels, height, width) of an image. filters: K, channels of each layer.
    depth: number of convolutions. activation: follows each. Weights hold no numbers until the caller draws them.
    Raises ValueError if ``depth`` is 0.
    """

    def __init__(self, shape: Sequence[int], filters: int, depth: int, classes: int, activation: Activation) -> None:
        super().__init__()
        if depth < 1:
            raise ValueError("a convolutional network needs at least one convolution")
        channels, *places = shape
        layers = []
        for number in range(depth):
            stride = 2 if number < HALVINGS else 1
            layers.append(Convolution(filters if number else channels, filters, 3, stride, 1, len(places)))
            places = [(length - 1) // stride + 1 for length in places]
        self.layers, self.activation = nn.ModuleList(layers), activation
        self.head = nn.utils.skip_init(nn.Linear, filters * math.prod(places), classes)

    def outputs(self, signal: Tensor) -> list[Tensor]:
        """The output of each layer, [N, K, L'] or [N, K, H', W']."""
        found = []
        for layer in self.layers:
            signal = self.activation.f(layer(signal))
            found.append(signal)
        return found

    def forward(self, signal: Tensor) -> Tensor:
        logits: Tensor = self.head(self.outputs(signal)[-1].flatten(1))
        return logits


class RecurrentNetwork(nn.Module):
    """Layers of Elman's cells, and a linear head that reads the last state: [N, T, inputs] -> [N, classes].

    units: d of each layer. depth: number of layers. activation: that of the cells. Weights hold no numbers until the
    caller draws them. Raises ValueError if ``depth`` is 0.
    """

    def __init__(self, inputs: int, units: int, depth: int, classes: int, activation: Activation) -> None:
        super().__init__()
        if depth < 1:
            raise ValueError("a recurrent network needs at least one layer")
        cells = [ElmanCell(units if number else inputs, units, activation) for number in range(depth)]
        self.layers = nn.ModuleList(Recurrent(cell) for cell in cells)
        self.head = nn.utils.skip_init(nn.Linear, units, classes)

    def outputs(self, sequence: Tensor) -> list[Tensor]:
        """The states of each layer, [N, T, d]."""
        found = []
        for layer in self.layers:
            sequence = layer(sequence)
            found.append(sequence)
        return found

    def forward(self, sequence: Tensor) -> Tensor:
        logits: Tensor = self.head(self.outputs(sequence)[-1][:, -1])
        return logits
