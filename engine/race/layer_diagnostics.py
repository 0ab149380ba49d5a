"""The effect of a training step on each layer, and the methods whose step it resembles. Each quantity is a record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.nn import Transfer
from engine.optimizers.kfac import damped_inverses, factors, homogeneous
from engine.optimizers.observe import Layers, observe

# Damping of the K-FAC direction that steps are compared with, in units of the summed cross-entropy's curvature.
DAMPING = 1.0

# Added to Shampoo's factors, as a share of their largest eigenvalue.
RIDGE = 1e-6

# Parts of a batch whose gradients make Shampoo's factors. A single gradient's factors would have rank one.
CHUNKS = 10

# The step size for activations in the local losses, as in the paper.
GAMMA = 10.0


@dataclass(frozen=True)
class LayerStep:
    """One layer before and after a step, on one batch of N rows. W has its bias as a last column, [out, in + 1].

    transfer: the transfer function f after the layer. inputs: X with a last column of ones, [N, in + 1].
    outputs: A before the step, [N, out]. slope: dL/dA of the mean loss, [N, out]. gradient: dL/dW.
    update: the change of W. input_factor, output_factor: K-FAC's A [in + 1, in + 1] and G [out, out] on this batch.
    """

    transfer: Transfer
    inputs: Tensor
    outputs: Tensor
    slope: Tensor
    gradient: Tensor
    update: Tensor
    input_factor: Tensor
    output_factor: Tensor


@dataclass(frozen=True)
class Quantity:
    """One number for each layer.

    label: the name shown. about: one or two sentences on how to read it. value: the function that computes it, without
    autograd. finding: a sentence on the lanes with the highest and the lowest value over all layers, with places for
    {most}, {high}, {least} and {low}. norm: whether it is a norm: never negative, over several decades, so its axis is
    logarithmic.
    """

    label: str
    about: str
    value: Callable[[LayerStep], float]
    finding: str
    norm: bool = False

    def whole(self, layers: NDArray[np.float64]) -> float:
        """One number for all layers: the norm of all layers together, or else the mean over the layers."""
        return float(np.linalg.norm(layers) if self.norm else layers.mean())


def joined(layer: nn.Linear) -> Tensor:
    """A copy of the weight with the bias as its last column, [out, in + 1]."""
    return torch.cat((layer.weight, layer.bias[:, None]), 1).detach()


@torch.no_grad()
def diagnose(
    layers: Layers, before: list[Tensor], closure: Callable[[], Tensor], generator: torch.Generator
) -> dict[str, list[float]]:
    """Name of a quantity -> its value in each layer, [layers], for the step from ``before`` to the layers' weights now.

    before: each layer's ``joined`` weights. closure: the mean loss of the step's batch, with its graph. It is computed
    at the weights ``before``. Afterwards the layers have their present weights again.
    generator: draws the targets of K-FAC's factors.
    """
    after = [joined(layer) for layer, _ in layers]
    _write(layers, before)
    try:
        seen = observe(layers, closure)
        slopes = seen.slopes(keep=True)
        curvatures = factors(layers, seen, generator)
    finally:
        _write(layers, after)
    values: dict[str, list[float]] = {name: [] for name in LAYER_QUANTITIES}
    for (layer, transfer), then, now, inputs, outputs, slope, (a, g) in zip(
        layers, before, after, seen.inputs, seen.outputs, slopes, curvatures, strict=True
    ):
        ones = homogeneous(layer, inputs)
        step = LayerStep(transfer, ones, outputs, slope, slope.T @ ones, now - then, a, g)
        for name, quantity in LAYER_QUANTITIES.items():
            values[name].append(quantity.value(step))
    return values


def _write(layers: Layers, weights: list[Tensor]) -> None:
    for (layer, _), both in zip(layers, weights, strict=True):
        layer.weight.copy_(both[:, :-1])
        layer.bias.copy_(both[:, -1])


def kfac(gradient: Tensor, a: Tensor, g: Tensor) -> Tensor:
    """G^-1 gradient A^-1, with the damped factors A and G of one batch."""
    a, g = damped_inverses(a, g, DAMPING)
    return g @ gradient @ a


def shampoo(gradient: Tensor, inputs: Tensor, slope: Tensor) -> Tensor:
    """L^-1/4 g R^-1/4 with L and R the sums of g g^T and g^T g over parts of a batch; Gupta, Koren and Singer 2018.

    inputs [N, in], slope [N, out] of the mean loss. The result [out, in] has g's direction if all parts agree.
    """
    seen = inputs.any(0)  # the result is zero for an input that is always zero (a black pixel): leave it out
    rows = inputs[:, seen]
    parts = [part.T @ row for part, row in zip(slope.chunk(CHUNKS), rows.chunk(CHUNKS), strict=True)]
    beside, below = torch.cat(parts, 1), torch.cat(parts, 0)
    direction = torch.zeros_like(gradient)
    direction[:, seen] = (
        _inverse_fourth_root(beside @ beside.T) @ gradient[:, seen] @ _inverse_fourth_root(below.T @ below)
    )
    return direction


def local_change(transfer: Transfer, outputs: Tensor, move: Tensor, slope: Tensor) -> float:
    """The change of the matching local loss when a layer's outputs A [N, out] become A' = A + ``move``.

    F(A') - F(A) - Y* (A' - A) with Y* = f(A) - gamma dL/dA, summed over the batch. It is computed from the divergence
    of A' from A.
    """
    return float(transfer.divergence(outputs + move, outputs).sum() + GAMMA * (slope * move).sum())


def cosine(one: Tensor, other: Tensor) -> float:
    """The cosine between two matrices, read as vectors. NaN if one of them is zero."""
    return float((one * other).sum() / (one.norm() * other.norm()))


def _tried(direction: Callable[..., Tensor], gradient: Tensor, *parts: Tensor) -> Tensor:
    """A method's direction. NaN if its matrices are too large to be decomposed."""
    try:
        return direction(gradient, *parts)
    except torch.linalg.LinAlgError:
        return torch.full_like(gradient, float("nan"))


def _inverse_fourth_root(matrix: Tensor) -> Tensor:
    # In float64: pixels that are always black make the matrix singular, and its decomposition fails in float32.
    values, vectors = torch.linalg.eigh(matrix.double())
    scaled = vectors * values.clamp(min=0).add(RIDGE * values[-1]).pow(-0.25)
    root: Tensor = (scaled @ vectors.T).to(matrix.dtype)
    return root


_CLOSEST = (
    "the step of {{most}} is closest to {}: the cosine is {{high}} on average over the layers. {{least}} is "
    "farthest away, with {{low}}."
)

LAYER_QUANTITIES: Mapping[str, Quantity] = MappingProxyType(
    {
        "to_kfac": Quantity(
            "Cosine with K-FAC's direction",
            "1: the update points where K-FAC's would on this batch alone, with a damping of 1: that much is added to "
            "every curvature. K-FAC itself averages over batches and has momentum and another damping, so it is below "
            "1 too.",
            lambda step: cosine(-step.update, _tried(kfac, step.gradient, step.input_factor, step.output_factor)),
            _CLOSEST.format("K-FAC's direction"),
        ),
        "to_shampoo": Quantity(
            "Cosine with Shampoo's direction",
            "1: the update points where Shampoo's would, with factors from ten parts of the same batch.",
            lambda step: cosine(-step.update, _tried(shampoo, step.gradient, step.inputs, step.slope)),
            _CLOSEST.format("Shampoo's direction"),
        ),
        "to_gradient": Quantity(
            "Cosine with the gradient",
            "1: the update has the gradient's direction. Preconditioning and momentum turn it away.",
            lambda step: cosine(-step.update, step.gradient),
            _CLOSEST.format("the gradient"),
        ),
        "local": Quantity(
            "Change of the local loss",
            "The layer's own update changes its matching loss for γ = 10 by this much while its input is held. Below "
            "zero, the step solves some of LocoProp-M's problem.",
            lambda step: local_change(step.transfer, step.outputs, step.inputs @ step.update.T, step.slope),
            "the step of {least} changes the layers' local losses by {low} on average, that of {most} by {high}.",
        ),
        "update": Quantity(
            "Norm of the update",
            "How far each layer's weights went in the last step of the epoch.",
            lambda step: step.update.norm().item(),
            "{most} takes the largest step: its norm over all layers is {high}. {least} takes the smallest, {low}.",
            norm=True,
        ),
        "gradient": Quantity(
            "Norm of the gradient",
            "How large each layer's gradient was before that step.",
            lambda step: step.gradient.norm().item(),
            "the gradient is largest for {most}: its norm over all layers is {high}. It is smallest for {least}, "
            "{low}.",
            norm=True,
        ),
    }
)
"""The quantities recorded for each layer's last step in an epoch: column -> quantity, in the order shown."""
