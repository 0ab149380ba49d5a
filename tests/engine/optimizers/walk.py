"""The walk of an optimizer over a function, point by point."""

from collections.abc import Callable
from typing import cast

import torch
from torch.optim.lr_scheduler import LRScheduler

from engine.optimizers import Lane
from engine.optimizers.lane import Closure

torch.set_num_threads(1)

Loss = Callable[[torch.Tensor], torch.Tensor]


def valley(point: torch.Tensor) -> torch.Tensor:
    """A mild Rosenbrock valley: (1 - x)^2 + 3 (y - x^2)^2."""
    x, y = point.unbind()
    return (1 - x) ** 2 + 3 * (y - x**2) ** 2


def valley_slope(x: float, y: float) -> tuple[float, float]:
    return -2 * (1 - x) - 12 * x * (y - x**2), 6 * (y - x**2)


def run(
    lane: Lane, start: list[float], steps: int, f: Loss = valley, dtype: torch.dtype = torch.float64
) -> torch.Tensor:
    """The points visited, [steps + 1, n], by the lane's optimizer and schedule."""
    point = torch.tensor(start, dtype=dtype, requires_grad=True)
    optimizer, scheduler = lane.start(point, steps)
    return march(optimizer, point, steps, f, scheduler, lane.closure)


def march(
    optimizer: torch.optim.Optimizer,
    point: torch.Tensor,
    steps: int,
    f: Loss = valley,
    scheduler: LRScheduler | None = None,
    kind: Closure = "none",
) -> torch.Tensor:
    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = f(point)
        if kind != "loss":
            value.backward()
        return value

    points = [point.detach().clone()]
    for _ in range(steps):
        if kind == "none":
            loss()
            optimizer.step()
        else:
            optimizer.step(cast("Callable[[], float]", loss))  # torch declares a float, but it receives a tensor
        if scheduler:
            scheduler.step()
        points.append(point.detach().clone())
    return torch.stack(points)
