"""Convolution, written out as what it is: one weight matrix that is applied to every patch of its input.

LeCun, Bottou, Bengio & Haffner 1998, Gradient-based learning applied to document recognition,
https://doi.org/10.1109/5.726791, section II.A.
"""

import torch
from torch import Tensor, nn

from engine.nn.initializers import Initializer


def patches(signal: Tensor, size: int, stride: int = 1, padding: int = 0) -> Tensor:
    """All patches of a signal with one or several axes, each as a row.

    A signal of numbers is [N, C, L] and gives [N, L', C size]. An image is [N, C, H, W] and gives
    [N, H', W', C size^2]. Along an axis of length L there are L' = (L + 2 padding - size) // stride + 1 patches.
    size: length of a patch along each axis. stride: from one patch to the next. padding: zeros before and after each
    axis. Raises ValueError if an axis is shorter than a patch.
    """
    axes = signal.dim() - 2
    if min(signal.shape[2:]) + 2 * padding < size:
        raise ValueError(f"a patch of {size} does not fit into a signal of {min(signal.shape[2:])} + 2 x {padding}")
    found = nn.functional.pad(signal, [padding] * (2 * axes))
    for axis in range(2, 2 + axes):
        found = found.unfold(axis, size, stride)  # the axis becomes L', and a last axis of length size is added
    # [N, C, H', W', size, size] -> [N, H', W', C, size, size] -> [N, H', W', C size^2]
    return found.movedim(1, 1 + axes).flatten(1 + axes)


class Convolution(nn.Module):
    """Applies the same weights to every patch of a signal or an image.

    A signal [N, C, L] becomes [N, K, L'], an image [N, C, H, W] becomes [N, K, H', W']. The filter is not flipped, so
    mathematicians call this a cross-correlation.
    inputs: C, channels. outputs: K, filters. size, stride, padding: see ``patches``. axes: 1 for signals, 2 for images.
    The weight is [K, C, size] or [K, C, size, size], as in ``torch.nn.Conv1d`` and ``Conv2d``. Weight and bias hold no
    numbers until ``draw`` or the caller fills them.
    """

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, padding: int = 0, axes: int = 1) -> None:
        super().__init__()
        self.size, self.stride, self.padding = size, stride, padding
        self.weight = nn.Parameter(torch.empty(outputs, inputs, *[size] * axes))
        self.bias = nn.Parameter(torch.empty(outputs))

    def draw(self, rule: Initializer, gain: float, generator: torch.Generator) -> None:
        """Draw the weight by ``rule``, as a matrix with one filter a row, [K, C size^axes]. Biases are 0.

        So the number of inputs, on which the rules depend, is that of a patch. gain: that of the activation.
        """
        with torch.no_grad():
            filters, inputs = self.weight.flatten(1).shape
            self.weight.copy_(rule.draw(filters, inputs, gain, generator).view_as(self.weight))
            self.bias.zero_()

    def forward(self, signal: Tensor) -> Tensor:
        rows = patches(signal, self.size, self.stride, self.padding)  # [N, H', W', C size^2]
        out = nn.functional.linear(rows, self.weight.flatten(1), self.bias)  # [N, H', W', K]
        return out.movedim(-1, 1)  # [N, K, H', W']
