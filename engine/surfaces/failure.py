"""Why a run of a race ended at a number that is not finite. The parts of its last step are computed again.

The loss, its slope and its curvature are computed at the last points. The last step of the optimizer is repeated, bit
for bit, while its operations are watched. The sentence names the first part that is not finite.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.numerals import written
from engine.optimizers.watch import Culprit, Watch, watching
from engine.surfaces.critical import derivatives, spectrum
from engine.surfaces.descent import Descent, Run, begin
from engine.surfaces.stepping import take_steps
from engine.surfaces.surface import Surface

HUGE = 1e30
"""Numbers beyond this are about to overflow. No surface here is so high or so wide."""


@dataclass(frozen=True)
class LastStep:
    """The last step of a run, repeated. to: where it led, [2]. tried: where it asked for the loss, [2] each.

    culprit: the first operation of the optimizer that made a number which is not finite, if there is one.
    """

    to: Tensor
    tried: tuple[Tensor, ...]
    culprit: Culprit | None


def repeat(descent: Descent, run: Run) -> LastStep:
    """Repeat the step that leaves the last point of ``run``, with the same bits."""
    spec, watch, tried = descent.spec, Watch(), list[Tensor]()
    with ExitStack() as block:

        def started(point: Tensor) -> tuple[torch.optim.Optimizer, Any, str, str]:
            lane = begin(run.lane, point, spec.steps)
            block.enter_context(watching(lane[0], run.steps, watch))
            return lane

        def loss(points: Tensor) -> Tensor:
            with watch.paused():
                if watch.on:
                    tried.append(points.detach().clone())
                return descent.surface(points)

        arrays = take_steps(loss, spec.origin(), [started], run.steps + 1, spec.noise, spec.seed)
    return LastStep(arrays["positions"][-1, 0], tuple(tried), watch.culprit)


def failure(descent: Descent, run: Run) -> tuple[str, str]:
    """The verdict and the reason for a run that met a number that is not finite: which step failed, and which part."""
    surface = descent.surface
    here = torch.from_numpy(run.positions[-1])
    if missing := undefined(surface, here):
        return "undefined at the start", f"At {place(here)} {missing}."
    if grown := overflow(surface, run):
        return f"diverged at step {run.steps + 1}", grown
    return f"stopped at step {run.steps + 1}", failed_step(descent, run)


def overflow(surface: Surface, run: Run) -> str:
    """Why the numbers overflowed, in a sentence; "" if they were not large before the last step."""
    loss, slope, (x, y) = run.columns["loss"], run.columns["gradient_norm"], run.positions[-1]
    if max(abs(loss[-1]), slope[-1], abs(x), abs(y)) < HUGE:
        return ""
    if loss[-1] < -HUGE:
        return f"The loss has no lower bound here and fell to {written(loss[-1])} before the numbers overflowed."
    limit = run.lane.stable_below()
    if limit is not None:
        loads = run.columns["rate"] * spectrum(surface, run.positions)[:, 1]
        below = np.flatnonzero(loads <= limit)
        first = int(below[-1]) + 1 if below.size else 0
        if first <= run.steps and loads[first] > limit:
            return (
                f"{run.lane.display.label} is stable while rate times curvature is below {limit:.3g}. At step "
                f"{first} it was {written(loads[first], 3)}, and it stayed above the limit until the numbers "
                "overflowed."
            )
    length = run.columns["step_length"][-2] if run.steps else 0.0
    return f"The loss was {written(loss[-1], 3)} and the step length {written(length, 3)} when the numbers overflowed."


def failed_step(descent: Descent, run: Run) -> str:
    """Which part of the last step is not finite, in a sentence. The numbers before the step were not large."""
    surface, label = descent.surface, run.lane.display.label
    here, step = torch.from_numpy(run.positions[-1]), repeat(descent, run)
    if step.to.isfinite().all():
        limit, load = run.lane.stable_below(), run.columns["rate"][-1] * spectrum(surface, run.positions[-1:])[0, 1]
        why = (
            f" Before this step the rate times the curvature was {written(load, 3)}; {label} is stable below "
            f"{limit:.3g}."
            if limit is not None and load > limit
            else ""
        )
        return f"The step from {place(here)} led to {place(step.to)}. There {undefined(surface, step.to)}.{why}"
    for point in step.tried:
        if point.isfinite().all() and (missing := undefined(surface, point)):
            return f"In the step from {place(here)}, {label} tried {place(point)}. There {missing}."
    if run.lane.closure == "loss" and not derivatives(surface, here)[2].isfinite().all():
        return f"{label} needs the curvature, which is not finite at {place(here)}. The loss and its slope are finite."
    if step.culprit and step.culprit.zero:
        cause = " because ε is 0" if dict(run.lane).get("eps") == 0 else ""
        return (
            f"In the step from {place(here)}, {label} divided by a number that is 0{cause}. The loss and its slope are "
            "finite there."
        )
    if step.culprit:
        return (
            f"The loss and its slope are finite at {place(here)}, but a number that {label} computes from the slope "
            "overflowed in the step from there."
        )
    return f"The step from {place(here)} is not finite. The cause could not be found."


def undefined(surface: Surface, point: Tensor) -> str:
    """What is not finite at ``point`` [2], as a clause: the loss or else its slope. "" if both are finite."""
    value, slope, _ = derivatives(surface, point)
    if value.isnan():
        return "the loss is not defined"
    if not value.isfinite():
        return "the loss is infinite, or too large for a number"
    return "" if slope.isfinite().all() else "the loss has no finite slope"


def place(point: Tensor) -> str:
    x, y = point.tolist()
    return f"({x:.4g}, {y:.4g})"
