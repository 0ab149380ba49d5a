"""The steps of a race: several optimizers, each on its own copy of one starting point, move side by side.

This code needs no other module of the engine, because exported scripts contain its source.
"""

from collections.abc import Callable

import numpy as np
import torch


def take_steps(
    objective: Callable[[torch.Tensor], torch.Tensor],
    start: tuple[float, float],
    lanes: list[Callable],  # type: ignore[type-arg]
    steps: int,
    noise: float = 0.0,
    seed: int = 0,
) -> dict[str, torch.Tensor]:
    """Take ``steps`` steps with every lane from ``start``, in float64.

    objective: the loss, ``[..., 2]`` -> ``[...]``. It must treat each point separately: one evaluation of all lanes
        then gives each lane exactly the loss and the gradient that it would get alone, bit for bit.
    lanes: functions of a point ``[2]``. Each returns four things: its torch optimizer; its scheduler or None; the kind
        of closure that ``step`` takes ("none"; "backward", which calls backward; "loss", which does not); and the name
        of the state entry that holds the momentum ("" for none).
    noise: standard deviation of the Gaussian noise added to each component of every gradient. In one step all lanes
        get the same draw, from a generator seeded with ``seed``.

    A lane stops moving once its point, loss or gradient is not finite. If the line search of torch's L-BFGS fails on a
    NaN loss, the point becomes NaN.

    Returns arrays over the points visited, before each step and after the last: ``positions [steps + 1, lanes, 2]``;
    ``losses [steps + 1, lanes]`` and ``gradients [steps + 1, lanes, 2]``, both without noise; ``rates [steps + 1,
    lanes]``; and ``momenta [steps + 1, lanes, 2]``, the optimizer's first moment in the step that leaves the point, or
    zero if it has none.
    """
    points = torch.tensor([start] * len(lanes), dtype=torch.float64, requires_grad=True)
    slopes = torch.zeros(len(lanes), 2, dtype=torch.float64)
    shift = torch.zeros(2, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    trial = torch.zeros((), dtype=torch.float64)  # The loss of the last closure call.

    def noisy(point: torch.Tensor) -> torch.Tensor:
        return objective(point) + (shift * point).sum() if noise else objective(point)

    def closure_of(point: torch.Tensor, kind: str) -> Callable[[], torch.Tensor] | None:
        def backward() -> torch.Tensor:
            nonlocal trial
            point.grad = None
            trial = noisy(point)
            trial.backward()
            return trial

        return {"none": None, "backward": backward, "loss": lambda: noisy(point)}[kind]

    runners = []
    for index, lane in enumerate(lanes):
        point = points.detach()[index].requires_grad_()  # A view: a step moves the row of ``points``.
        point.grad = slopes[index]
        optimizer, scheduler, kind, momentum = lane(point)
        runners.append((point, optimizer, scheduler, closure_of(point, kind), momentum))

    positions, gradients = torch.empty(2, steps + 1, len(lanes), 2, dtype=torch.float64)
    losses = torch.empty(steps + 1, len(lanes), dtype=torch.float64)
    rates, momenta = [], []
    for step in range(steps + 1):
        values = objective(points)
        (slope,) = torch.autograd.grad(values, points, torch.ones_like(values))
        positions[step], losses[step], gradients[step] = points.detach(), values.detach(), slope
        rates.append([optimizer.param_groups[0]["lr"] for _, optimizer, *_ in runners])
        if step == steps:
            momenta += [(0.0, 0.0)] * len(lanes)
            break
        alive = torch.cat((positions[step], slope, losses[step, :, None]), -1).isfinite().all(-1).tolist()
        still = (positions[max(0, step - 2) : step] == positions[step]).all(-1).all(0).tolist()
        if noise:
            shift.normal_(0.0, noise, generator=generator)
            slope = slope + shift
        slopes.copy_(slope)
        for index, (point, optimizer, scheduler, closure, momentum) in enumerate(runners):
            # At a kink a line search finds no step. Two steps without a move, at a constant rate and without noise,
            # mean that no later step moves either.
            at_rest = still[index] and step > 1 and closure is not None and scheduler is None and not noise
            if goes_on := alive[index] and not at_rest:
                try:
                    optimizer.step(closure)
                except IndexError:  # torch's line search raises this on a NaN loss; otherwise it is a bug.
                    if not trial.isnan():
                        raise
                    point.detach().fill_(torch.nan)
                if scheduler is not None:
                    scheduler.step()
            momenta.append(optimizer.state[point][momentum].tolist() if goes_on and momentum else (0.0, 0.0))
    return {
        "positions": positions,
        "losses": losses,
        "gradients": gradients,
        "momenta": torch.tensor(momenta, dtype=torch.float64).view(steps + 1, len(lanes), 2),
        "rates": torch.tensor(rates, dtype=torch.float64),
    }


def kept(run: dict[str, torch.Tensor], stop: str, epsilon: float, quiet: int = 10) -> list[tuple[int, bool]]:
    """How many points of each lane count, and whether a non-finite number ended the lane.

    A lane ends before its first non-finite position, loss or gradient, or at the first point where the stop rule holds.
    "step": the last ``quiet`` steps would all have been shorter than ``epsilon`` at the lane's largest rate. One short
    step is not enough: a sign may have flipped, a momentum may have turned, or the schedule's rate may be small.
    "gradient": the gradient's norm is below ``epsilon``. "never": it never holds.

    The start always counts. Lanes are cut after the run. This changes no number, because no step depends on the rule.
    """
    finite = torch.isfinite(run["losses"])
    for name in ("positions", "gradients"):
        finite &= torch.isfinite(run[name]).all(-1)
    still = torch.zeros_like(finite)
    if stop == "step":
        lengths = (run["positions"][1:] - run["positions"][:-1]).norm(dim=-1)
        share = run["rates"][:-1] / run["rates"].amax(0)
        short = (share > 0) & (lengths < epsilon * share)
        if len(short) >= quiet:
            still[quiet:] = short.unfold(0, quiet, 1).all(-1)
    elif stop == "gradient":
        still = run["gradients"].norm(dim=-1) < epsilon
    ends = []
    for lane in range(finite.shape[1]):
        alive = int(finite[:, lane].cumprod(0).sum())
        stops = still[:, lane].nonzero()
        rest = int(stops[0, 0]) + 1 if len(stops) else len(finite)
        ends.append((max(1, min(alive, rest)), alive < min(rest, len(finite))))
    return ends


def diagnose(
    run: dict[str, torch.Tensor], lane: int, count: int, minima: tuple[tuple[float, float], ...]
) -> dict[str, np.ndarray]:
    """The first ``count`` points of a lane as columns, ``[count]`` each.

    The columns are ``x``, ``y``, ``loss``, ``gradient_norm`` and ``rate``; ``step_length``, the length of the step that
    leaves the point, NaN for the last point; and ``distance``, to the nearest of ``minima``, NaN if there are none.
    """
    positions, gradients = (run[name][:count, lane].numpy() for name in ("positions", "gradients"))
    gaps = positions[:, None] - np.array(minima or [(np.nan, np.nan)])
    return {
        "x": positions[:, 0],
        "y": positions[:, 1],
        "loss": run["losses"][:count, lane].numpy(),
        "gradient_norm": np.hypot(gradients[:, 0], gradients[:, 1]),
        "step_length": np.append(np.hypot(*np.diff(positions, axis=0).T), np.nan),
        "distance": np.hypot(gaps[..., 0], gaps[..., 1]).min(axis=1),
        "rate": run["rates"][:count, lane].numpy(),
    }
