"""Units that pass no gradient on for any sample of a batch: those that are silent, and those that are saturated."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.nn import Layer


@dataclass(frozen=True)
class Idle:
    """The units of a layer whose slope is exactly 0 for every sample: how many there are of each kind.

    silent: their output is 0 for every sample too, as that of a ReLU that only receives negative numbers.
    saturated: their output is not always 0. units: the number of all units of the layer.
    """

    silent: int
    saturated: int
    units: int


def idle(layer: Layer, points: Tensor) -> Idle:
    """Count the idle units of ``layer``.

    points: [N, units], what the layer's normalization receives, or its activation if it has no normalization.
    """
    output, slope = activity(layer, points)
    flat = slope.count_nonzero(0) == 0
    silent = flat & (output.count_nonzero(0) == 0)
    return Idle(int(silent.sum()), int((flat & ~silent).sum()), len(flat))


def activity(layer: Layer, points: Tensor) -> tuple[Tensor, Tensor]:
    """The activation's output and its slope for each sample and unit, [N, units] each. points: as for ``idle``."""
    point = layer.norm(points.detach()).detach().requires_grad_()
    with torch.enable_grad():
        output = layer.activation(point)
    (slope,) = torch.autograd.grad(output.sum(), point)
    return output.detach(), slope
