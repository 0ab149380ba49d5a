"""Optimizers walking over a function, point by point."""

import torch

from engine.optimizers import Lane

torch.set_num_threads(1)


def valley(point: torch.Tensor) -> torch.Tensor:
    """A mild Rosenbrock valley: (1 - x)^2 + 3 (y - x^2)^2."""
    x, y = point
    return (1 - x) ** 2 + 3 * (y - x**2) ** 2


def valley_slope(x: float, y: float) -> tuple[float, float]:
    return -2 * (1 - x) - 12 * x * (y - x**2), 6 * (y - x**2)


def run(lane: Lane, start: list[float], steps: int, f=valley, dtype=torch.float64) -> torch.Tensor:
    """The points visited, [steps + 1, n], by the lane's optimizer and schedule."""
    point = torch.tensor(start, dtype=dtype, requires_grad=True)
    optimizer, scheduler = lane.start(point, steps)
    return march(optimizer, point, steps, f, scheduler, lane.closure)


def march(optimizer, point, steps, f=valley, scheduler=None, kind="none") -> torch.Tensor:
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
            optimizer.step(loss)
        if scheduler:
            scheduler.step()
        points.append(point.detach().clone())
    return torch.stack(points)
