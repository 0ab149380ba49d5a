"""What happens on the way of a run, and at which step: it bounces, leaves a saddle, arrives or diverges."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.surfaces.critical import derivatives
from engine.surfaces.descent import Descent, Run
from engine.surfaces.outcome import Outcome, outcomes

Array = NDArray[np.float64]

TURN = -0.5
"""A step turns back if the cosine of the angle between it and the step before is below this: more than 120 degrees."""

TURNS = 4
"""This many turns back in a row count as bouncing."""

WIDE = 0.02
"""A step can be seen if its length is at least this share of the picture's longer side."""

CALM = 0.1
"""Near a saddle the gradient is below this share of its greatest value before, and grows by the inverse after it."""


CLOSE = 0.1
"""A saddle is close if its distance is at most this share of the picture's longer side."""

NEWTON = 20
"""The steps of Newton's method in the search for a saddle."""


@dataclass(frozen=True)
class Moment:
    """Something that happens at ``step`` of a run, in a few words."""

    step: int
    text: str


def moments(descent: Descent) -> tuple[tuple[Moment, ...], ...]:
    """The moments of each run, in the order of their steps. All of them lie in the picture."""
    return tuple(
        tuple(sorted(_of(descent, run, end), key=lambda moment: moment.step))
        for run, end in zip(descent.runs, outcomes(descent), strict=True)
    )


def _of(descent: Descent, run: Run, end: Outcome) -> list[Moment]:
    found = [_bounce(descent, run), _saddle(descent, run), _arrival(end), _failure(descent, run, end)]
    return [moment for moment in found if moment]


def _bounce(descent: Descent, run: Run) -> Moment | None:
    """The first of ``TURNS`` visible steps in a row, each of which turns back from the one before."""
    steps = np.diff(run.positions, axis=0)
    length = np.linalg.norm(steps, axis=1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        cosine = (steps[1:] * steps[:-1]).sum(1) / (length[1:] * length[:-1])
    seen = np.minimum(length[1:], length[:-1]) >= WIDE * _width(descent)
    turns = (cosine < TURN) & seen & _inside(descent, run)[1:-1]
    row = np.convolve(turns, np.ones(TURNS), "valid") == TURNS if len(turns) >= TURNS else np.zeros(0)
    return Moment(int(row.argmax()) + 1, "bounces across") if row.any() else None


def _saddle(descent: Descent, run: Run) -> Moment | None:
    """Where the gradient has grown again after its least value, if there is a saddle close to that place."""
    slope = run.columns["gradient_norm"]
    before, after = np.maximum.accumulate(slope), np.maximum.accumulate(slope[::-1])[::-1]
    calm = (slope <= CALM * np.minimum(before, after)) & _inside(descent, run)
    if not calm.any():
        return None
    least = int(np.where(calm, slope, np.inf).argmin())
    later = (slope[least:] >= slope[least] / CALM) & (slope[least:] > slope[least])
    if not later.any():
        return None
    grown = least + int(later.argmax())
    there = _inside(descent, run)[grown] and _near_saddle(descent, run.positions[least])
    return Moment(grown, "leaves the saddle") if there else None


def _near_saddle(descent: Descent, point: Array) -> bool:
    """Whether Newton's method finds a saddle of the surface close to ``point`` [2]."""
    at = torch.from_numpy(point)
    for _ in range(NEWTON):
        _, slope, curved = derivatives(descent.surface, at)
        if not (slope.isfinite().all() and curved.isfinite().all()):
            return False
        at = at - torch.linalg.pinv(curved) @ slope
        if float(torch.linalg.vector_norm(at - torch.from_numpy(point))) > CLOSE * _width(descent):
            return False
    _, slope, curved = derivatives(descent.surface, at)
    if not bool(curved.isfinite().all()) or float(slope.norm()) > 1e-9 * float(curved.norm()) * _width(descent):
        return False
    low, high = torch.linalg.eigvalsh(curved).tolist()
    return bool(low < 0 < high)


def _arrival(end: Outcome) -> Moment | None:
    """The step from which the run stays within the tolerance of a known minimum."""
    return None if end.arrived is None else Moment(end.arrived, f"arrives, step {end.arrived}")


def _failure(descent: Descent, run: Run, end: Outcome) -> Moment | None:
    """The last visible point of a run that ended with numbers that are not finite."""
    inside = np.flatnonzero(_inside(descent, run))
    if not run.diverged or not len(inside):
        return None
    word = "diverges" if end.verdict.startswith("diverged") else "stops"
    return Moment(int(inside[-1]), f"{word}, step {run.steps + 1}")


def _width(descent: Descent) -> float:
    return max(right - left for left, right in descent.surface.domain)


def _inside(descent: Descent, run: Run) -> NDArray[np.bool_]:
    """Which points of ``run`` lie in the picture, [k]."""
    (left, right), (low, high) = descent.surface.domain
    x, y = run.positions.T
    return np.asarray((left <= x) & (x <= right) & (low <= y) & (y <= high))
