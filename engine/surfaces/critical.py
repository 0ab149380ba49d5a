"""The critical points of a surface, where its gradient vanishes, and the kind of each point."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.surfaces.surface import Point

Function = Callable[[Tensor], Tensor]
"""A scalar function of the plane: [..., 2] -> [...]."""

STARTS = 31
"""How many starts lie along each side of the domain. The number is odd, so that the centre is a start."""

ITERATIONS = 40
"""Newton steps from each start. Towards a degenerate point they converge only linearly."""

CONVERGED = 1e-12
"""A search ends when its Newton step is at most this share of the domain's width."""

FOUND = 1e-6
"""A point counts as critical if Newton's step and |gradient| / |curvature| are below this share of the domain."""

NEAR = 1e-3
"""The Hessian at a point is compared with the Hessians at this distance, a share of the domain's width."""


@dataclass(frozen=True)
class CriticalPoints:
    """Critical points in order of their value, lowest first.

    points: [k, 2]. values: f at the points, [k]. eigenvalues: of the Hessian at the points, ascending, [k, 2].
    kind: "minimum", "maximum", "saddle" or "degenerate" (the Hessian is singular, so the kind is unknown), [k].
    truncated: more points were found than are listed.
    """

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    eigenvalues: NDArray[np.float64]
    kind: tuple[str, ...]
    truncated: bool

    def table(self) -> pd.DataFrame:
        """One row per point: x, y, loss, the two curvatures (the Hessian's eigenvalues, lower first) and kind."""
        (x, y), (lower, higher) = self.points.T, self.eigenvalues.T
        columns = {"x": x, "y": y, "loss": self.values, "lower_curvature": lower, "higher_curvature": higher}
        return pd.DataFrame(columns | {"kind": self.kind})


def derivatives(f: Function, point: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Value [...], gradient [..., 2] and Hessian [..., 2, 2] of ``f`` at ``point`` [..., 2], by autograd."""
    point = point.detach().requires_grad_()
    value = f(point)
    gradient = _slope(value, point)
    rows = [_slope(part, point) for part in gradient.unbind(-1)]
    return value.detach(), gradient.detach(), torch.stack(rows, -2).detach()


def _slope(value: Tensor, point: Tensor) -> Tensor:
    """Gradient of each entry of ``value`` [...] with respect to its own ``point`` [..., 2]."""
    if not value.requires_grad:  # The value does not depend on the point.
        return torch.zeros_like(point)
    return torch.autograd.grad(value.sum(), point, create_graph=True, materialize_grads=True)[0]


def hessian(f: Function, point: Tensor) -> Tensor:
    """The Hessian of ``f`` at each ``point`` [..., 2], shape [..., 2, 2]."""
    return derivatives(f, point)[2]


def eigenvalues(matrix: Tensor) -> Tensor:
    """Eigenvalues of symmetric 2x2 matrices [..., 2, 2], ascending, [..., 2]; NaN if an entry is NaN."""
    a, b, c = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
    mean, radius = 0.5 * (a + c), torch.hypot(0.5 * (a - c), b)
    return torch.stack((mean - radius, mean + radius), -1)


def spectrum(f: Function, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hessian eigenvalues at ``points`` [k, 2], ascending, [k, 2]. They are not finite where the Hessian is not."""
    return eigenvalues(hessian(f, torch.from_numpy(points))).numpy()


def critical_points(f: Function, domain: tuple[Point, Point], most: int = 64) -> CriticalPoints:
    """Critical points of ``f`` inside ``domain``: the lowest of those found, at most ``most``.

    The search takes damped Newton steps on the gradient from a grid of starts, all at once. A region where f is
    constant has no critical point here. A kink or a cone's tip has no gradient, so it is found only by chance. A curve
    of critical points is represented by points along the curve, of kind "degenerate". Points closer than a millionth of
    the domain's width count as one point; degenerate points do so if they are closer than a fiftieth.
    """
    low, high = (torch.tensor(side, dtype=torch.float64) for side in zip(*domain, strict=True))
    span = float((high - low).max())
    point = _search(f, low, high, span)
    value, gradient, curved = derivatives(f, point)
    curvatures = eigenvalues(curved)
    steepest = curvatures.abs().amax(-1)
    # If f is locally constant, the quotient is 0 / 0 = NaN, so the point is not counted as critical.
    length = torch.maximum(_newton_step(gradient, curved).abs(), gradient.abs() / steepest[:, None])
    error = length.amax(-1) / span
    keep = torch.isfinite(value) & (error <= FOUND) & ((point >= low) & (point <= high)).all(-1)
    point, value, curvatures, error = point[keep], value[keep], curvatures[keep], error[keep]
    flat = _degenerate(f, point, curvatures, NEAR * span)
    chosen = _distinct(point, error, torch.where(flat, 20 * NEAR, 1e-3 * NEAR) * span)
    chosen = chosen[value[chosen].argsort(stable=True)]
    listed = chosen[:most]
    shown = zip(curvatures[listed].tolist(), flat[listed], strict=True)
    return CriticalPoints(
        points=point[listed].numpy(),
        values=value[listed].numpy(),
        eigenvalues=curvatures[listed].numpy(),
        kind=tuple(_kind(small, large, bool(unclear)) for (small, large), unclear in shown),
        truncated=len(chosen) > most,
    )


def classify(f: Function, point: Tensor, span: float) -> str:
    """The kind of the critical ``point`` [2] of ``f``, as in ``CriticalPoints``. span: the domain's width."""
    point = point.unsqueeze(0)
    curvatures = eigenvalues(hessian(f, point))
    small, large = curvatures[0].tolist()
    return _kind(small, large, bool(_degenerate(f, point, curvatures, NEAR * span)))


def _search(f: Function, low: Tensor, high: Tensor, span: float) -> Tensor:
    """Take damped Newton steps on the gradient from a grid of starts; returns where they end, [n, 2]."""
    ticks = (torch.arange(STARTS, dtype=torch.float64) + 0.5) / STARTS
    point = low + torch.cartesian_prod(ticks, ticks) * (high - low)
    _, gradient, curved = derivatives(f, point)
    norm = gradient.abs().amax(-1)
    step = _newton_step(gradient, curved)
    share = torch.ones_like(norm)
    active = torch.arange(len(point))
    margin = 0.05 * span
    for _ in range(ITERATIONS):
        moving = (step[active].abs().amax(-1) > CONVERGED * span) & (share[active] > 1e-3)
        active = active[moving & torch.isfinite(norm[active])]
        if not len(active):
            break
        trial = point[active] + share[active, None] * step[active]
        _, gradient, curved = derivatives(f, trial)
        trial_norm = gradient.abs().amax(-1)
        inside = ((trial >= low - margin) & (trial <= high + margin)).all(-1)
        better = inside & (trial_norm < norm[active])  # A NaN is never better.
        share[active] = torch.where(better, (2 * share[active]).clamp(max=1), share[active] / 4)
        moved = active[better]
        point[moved], norm[moved] = trial[better], trial_norm[better]
        step[moved] = _newton_step(gradient[better], curved[better])
    return point


def _newton_step(gradient: Tensor, curved: Tensor) -> Tensor:
    """-H^+ g, [n, 2]. The pseudo-inverse H^+ leaves out directions without curvature."""
    # Divide by the largest entry of H, so that nothing over- or underflows.
    size = curved.abs().amax((-2, -1))
    curved, gradient = curved / size[:, None, None], gradient / size[:, None]
    small, large = eigenvalues(curved).unsqueeze(-1).unbind(-2)
    gap = large - small
    along = (curved @ gradient.unsqueeze(-1)).squeeze(-1) - small * gradient
    upper = torch.where(gap > 0, along / gap, 0.0)  # The gradient's part along the eigenvector of `large`.
    step = torch.zeros_like(gradient)
    for part, curvature in ((upper, large), (gradient - upper, small)):
        step = step - torch.where(curvature.abs() > 1e-12, part / curvature, 0.0)
    return step


def _degenerate(f: Function, point: Tensor, curvatures: Tensor, reach: float) -> Tensor:
    """Whether an eigenvalue is negligible against the other, or against the Hessian's change over ``reach``, [n]."""
    around = reach * torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], dtype=torch.float64)
    nearby = eigenvalues(hessian(f, point.unsqueeze(-2) + around))
    change = (nearby - curvatures.unsqueeze(-2)).abs().nan_to_num(0.0).amax((-1, -2)) if len(point) else point[:, 0]
    least, most = curvatures.abs().aminmax(dim=-1)
    return least <= torch.maximum(1e-8 * most, 1e-4 * change)


def _distinct(point: Tensor, error: Tensor, radius: Tensor) -> Tensor:
    """Choose points, the smallest ``error`` [n] first, and drop all others within the ``radius`` [n] of a chosen point.

    Returns the indices of the chosen points.
    """
    left = error.argsort(stable=True)
    chosen = []
    while len(left):
        best = left[0]
        chosen.append(best)
        left = left[(point[left] - point[best]).norm(dim=-1) > radius[best]]
    return torch.stack(chosen) if chosen else left


def _kind(small: float, large: float, degenerate: bool) -> str:
    if degenerate:
        return "degenerate"
    return "minimum" if small > 0 else "maximum" if large < 0 else "saddle"
