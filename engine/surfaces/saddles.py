"""Surfaces where the gradient vanishes, or nearly does, away from any minimum."""

import math

import torch
from torch import Tensor

from engine.surfaces.surface import Surface


def saddle(x: Tensor, y: Tensor) -> Tensor:
    y2 = y * y
    return x * x - y2 + 0.25 * y2 * y2


def monkey_saddle(x: Tensor, y: Tensor) -> Tensor:
    return x * (x * x - 3 * y * y)


def plateau(x: Tensor, y: Tensor) -> Tensor:
    # sigmoid(z) = (1 + tanh(z / 2)) / 2, so a difference of two sigmoids is half the difference of two tanh.
    t = x.new_tensor([-2.0, -1.0, 0.0, 1.0, 2.0])
    error = torch.tanh(0.5 * (x.unsqueeze(-1) * t + y.unsqueeze(-1))) - torch.tanh(t + 0.5)
    return 0.05 * (error * error).sum(-1)


SADDLES = {
    "saddle": Surface(
        label="Saddle",
        formula=r"x^2 - y^2 + \tfrac{1}{4} y^4",
        about="The gradient vanishes at the origin although no minimum is near. The minima are at (0, ±√2), where "
        "f = -1. Farther out the quartic term makes f rise.",
        f=saddle,
        domain=((-2.5, 2.5), (-2.5, 2.5)),
        start=(-2.0, 0.001),
        minima=((0.0, math.sqrt(2)), (0.0, -math.sqrt(2))),
        source=(
            "Dauphin et al., Identifying and attacking the saddle point problem",
            "https://arxiv.org/abs/1406.2572",
        ),
    ),
    "monkey-saddle": Surface(
        label="Monkey saddle",
        formula=r"x^3 - 3xy^2",
        about="Gradient and Hessian both vanish at the origin, so Newton's method has no direction there. Along three "
        "valleys f falls without end.",
        f=monkey_saddle,
        domain=((-2.0, 2.0), (-2.0, 2.0)),
        start=(1.5, 0.01),
        minima=(),
        source=("Wikipedia, Monkey saddle", "https://en.wikipedia.org/wiki/Monkey_saddle"),
    ),
    "plateau": Surface(
        label="Plateau",
        formula=r"\tfrac{1}{5} \sum_{t=-2}^{2} \left(\sigma(xt + y) - \sigma(2t + 1)\right)^2",
        about="One sigmoid neuron with weight x and bias y. Where the neuron saturates, the error is large but the "
        "gradient almost vanishes.",
        f=plateau,
        domain=((-8.0, 8.0), (-8.0, 8.0)),
        start=(-2.0, -6.0),
        minima=((2.0, 1.0),),
        source=(
            "Glorot & Bengio, Understanding the difficulty of training deep feedforward networks",
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
    ),
}
