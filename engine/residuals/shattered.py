"""Measure how alike the gradients at neighbouring inputs are. In a deep plain network they are shattered.

There the gradient, as a function of the input, looks like white noise: the gradient at one input says nothing about the
gradient at the next input. With shortcuts the two gradients remain partly alike. Source: Balduzzi et al. 2017, The
shattered gradients problem, https://arxiv.org/abs/1702.08591.

The inputs lie on a great circle of radius sqrt(width), as in Poole et al. 2016, https://arxiv.org/abs/1606.05340. So
all inputs have the norm of a standard normal input. A straight line through 0 would not do: on such a line, a network
without biases sees only two directions.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.signals.network import Network, build
from engine.signals.spec import MOST_WORK, StackSpec

Array = NDArray[np.float64]

POINTS = 256
"""The number of inputs on the circle."""

ARC = math.pi / 4
"""The part of the circle that the inputs cover, in radians.

The arc is so short that a shallow plain network hardly changes between neighbouring inputs.
"""


@dataclass(frozen=True)
class Shattering:
    """The gradient of one logit with respect to the input, at each input on the arc.

    angle: the angle of each input in radians, [POINTS]. lag: the distance of two inputs in radians, [POINTS // 2].
    plain, residual: the component of each twin's gradient in the direction of the arc, [POINTS].
    plain_likeness, residual_likeness: for each lag, the mean cosine of the gradients at two inputs, [POINTS // 2]. The
        first lag is 0 and its cosine is 1.
    """

    spec: StackSpec
    angle: Array
    lag: Array
    plain: Array
    residual: Array
    plain_likeness: Array
    residual_likeness: Array

    def table(self) -> pd.DataFrame:
        """One row for each input, with its angle and both components. Only the first half of the rows has a lag."""
        inputs = pd.DataFrame({"angle": self.angle, "plain": self.plain, "residual": self.residual})
        return inputs.join(
            pd.DataFrame({
                "lag": self.lag, "plain_likeness": self.plain_likeness, "residual_likeness": self.residual_likeness,
            })
        )  # fmt: skip


def shattering(spec: StackSpec) -> Shattering:
    """Measure how alike each twin's gradients at neighbouring inputs are at the start of training.

    Raises ValueError if the networks have BatchNorm, or if the gradients take too many operations.
    """
    if spec.norm == "batch":
        raise ValueError(
            "With BatchNorm an output depends on the whole batch, so there is no gradient at one input alone."
        )
    if (work := shattering_work(spec)) > MOST_WORK:
        raise ValueError(
            f"The gradients take {work:.2g} operations, but at most {MOST_WORK:.2g} are allowed. Choose less depth or "
            "width."
        )
    generator = torch.Generator().manual_seed(spec.seed + 1)
    basis, _ = torch.linalg.qr(torch.randn(spec.width, 2, generator=generator, dtype=torch.float64))
    angle = torch.linspace(0, ARC, POINTS, dtype=torch.float64)
    radius = math.sqrt(spec.width)
    inputs = radius * (angle.cos()[:, None] * basis[:, 0] + angle.sin()[:, None] * basis[:, 1])
    tangents = angle.cos()[:, None] * basis[:, 1] - angle.sin()[:, None] * basis[:, 0]
    found = [_gradients(network, inputs) for network in build(spec)]
    plain, residual = ((gradients * tangents).sum(1).numpy() for gradients in found)
    lag = angle[: POINTS // 2].numpy()
    return Shattering(spec, angle.numpy(), lag, plain, residual, *(_likeness(gradients) for gradients in found))


def shattering_work(spec: StackSpec) -> float:
    """The approximate number of floating-point operations of ``shattering``. In float64, each counts twice."""
    return 2.0 * spec.work() * POINTS / spec.batch


def _gradients(network: Network, inputs: torch.Tensor) -> torch.Tensor:
    """The gradient of the first logit with respect to each input, [N, width], in float64."""
    points = inputs.requires_grad_()
    (gradients,) = torch.autograd.grad(network.double()(points)[:, 0].sum(), points)
    return gradients


def _likeness(gradients: torch.Tensor) -> Array:
    """The mean cosine of two rows at each distance, [N // 2]; NaN if a gradient is zero or not finite."""
    rows = gradients / gradients.norm(dim=1, keepdim=True)
    cosines = (rows @ rows.T).numpy()
    return np.array([np.diagonal(cosines, lag).mean() for lag in range(len(cosines) // 2)])
