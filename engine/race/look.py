"""What a training step did to each layer, and which method's step it resembles."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.nn import Transfer
from engine.optimizers.kfac import damped_inverses, factors, homogeneous
from engine.optimizers.observe import Layers, observe

DAMPING = 1.0
"""Of the K-FAC direction that steps are compared with, in units of the summed cross-entropy's curvature."""

RIDGE = 1e-6
"""Added to Shampoo's factors, as a share of their largest eigenvalue."""

CHUNKS = 10
"""Parts of a batch whose gradients make Shampoo's factors: of a single gradient they would have no spectrum left."""

GAMMA = 10.0
"""Activation step of the local losses, the published one."""


@dataclass(frozen=True)
class Look:
    """One value a layer, [layers] each, of the last step of an epoch; W with its bias as a last column.

    gradient, update: norms of dL/dW and of the change of W.
    local: change of the layer's matching local loss, F(A') - F(A) - Y* (A' - A) summed over the batch, by its own
        update with its input held; below zero where the step solves some of LocoProp-M's problem.
    to_gradient, to_kfac, to_shampoo: cosine of the update with the negative gradient, K-FAC's and Shampoo's step on
        this batch. NaN where nothing moved.
    """

    gradient: list[float]
    update: list[float]
    local: list[float]
    to_gradient: list[float]
    to_kfac: list[float]
    to_shampoo: list[float]


def joined(layer: nn.Linear) -> Tensor:
    """The weight with the bias as its last column, [out, in + 1], a copy."""
    return torch.cat((layer.weight, layer.bias[:, None]), 1).detach()


@torch.no_grad()
def look(layers: Layers, before: list[Tensor], closure: Callable[[], Tensor], generator: torch.Generator) -> Look:
    """Look at the step that led from ``before`` (``joined`` weights) to the layers as they are, on a batch's loss.

    The layers are set back to ``before`` while the loss is computed, and restored.
    """
    after = [joined(layer) for layer, _ in layers]
    _write(layers, before)
    try:
        seen = observe(layers, closure)
        slopes = seen.slopes(keep=True)
        curvatures = factors(layers, seen, generator)
    finally:
        _write(layers, after)
    rows: list[tuple[float, ...]] = []
    for (layer, transfer), then, now, inputs, outputs, slope, (a, g) in zip(
        layers, before, after, seen.inputs, seen.outputs, slopes, curvatures, strict=True
    ):
        ones = homogeneous(layer, inputs)
        gradient, update = slope.T @ ones, now - then
        directions = (gradient, _tried(kfac, gradient, a, g), _tried(shampoo, gradient, ones, slope))
        rows.append((
            gradient.norm().item(), update.norm().item(), local_change(transfer, outputs, ones @ update.T, slope),
            *(cosine(-update, direction) for direction in directions),
        ))  # fmt: skip
    return Look(*(list(column) for column in zip(*rows, strict=True)))


def kfac(gradient: Tensor, a: Tensor, g: Tensor) -> Tensor:
    """G^-1 gradient A^-1 with damped factors of one batch."""
    a, g = damped_inverses(a, g, DAMPING)
    return g @ gradient @ a


def shampoo(gradient: Tensor, inputs: Tensor, slope: Tensor) -> Tensor:
    """L^-1/4 g R^-1/4 with L and R the sums of g g^T and g^T g over parts of a batch; Gupta, Koren and Singer 2018.

    inputs [N, in], slope [N, out] of the mean loss; the result [out, in] has g's direction where all parts agree.
    """
    seen = inputs.any(0)  # where all are zero, as black pixels are, so is the result; the matrices need not hold it
    rows = inputs[:, seen]
    parts = [part.T @ row for part, row in zip(slope.chunk(CHUNKS), rows.chunk(CHUNKS), strict=True)]
    beside, below = torch.cat(parts, 1), torch.cat(parts, 0)
    direction = torch.zeros_like(gradient)
    direction[:, seen] = (
        _inverse_fourth_root(beside @ beside.T) @ gradient[:, seen] @ _inverse_fourth_root(below.T @ below)
    )
    return direction


def local_change(transfer: Transfer, outputs: Tensor, move: Tensor, slope: Tensor) -> float:
    """Change of the matching local loss as a layer's outputs A [N, out] move, by the divergence of A + move from A.

    F(A') - F(A) - Y* (A' - A) with Y* = f(A) - gamma dL/dA. Summed over the batch.
    """
    return float(transfer.divergence(outputs + move, outputs).sum() + GAMMA * (slope * move).sum())


def cosine(one: Tensor, other: Tensor) -> float:
    """Of two matrices as vectors; NaN where one of them is zero."""
    return float((one * other).sum() / (one.norm() * other.norm()))


def _tried(direction: Callable[..., Tensor], gradient: Tensor, *parts: Tensor) -> Tensor:
    """A method's direction, NaN where its matrices are too large to be taken apart."""
    try:
        return direction(gradient, *parts)
    except torch.linalg.LinAlgError:  # type: ignore[attr-defined]
        return torch.full_like(gradient, float("nan"))


def _inverse_fourth_root(matrix: Tensor) -> Tensor:
    # In float64: pixels that are always black make the matrix singular, and in float32 its decomposition then fails.
    values, vectors = torch.linalg.eigh(matrix.double())
    scaled = vectors * values.clamp(min=0).add(RIDGE * values[-1]).pow(-0.25)
    root: Tensor = (scaled @ vectors.T).to(matrix.dtype)
    return root


def _write(layers: Layers, weights: list[Tensor]) -> None:
    for (layer, _), both in zip(layers, weights, strict=True):
        layer.weight.copy_(both[:, :-1])
        layer.bias.copy_(both[:, -1])
