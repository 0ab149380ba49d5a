"""How each run of a race ended, and why: the rows of the table of outcomes."""

import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.numerals import written
from engine.surfaces.critical import NEAR, classify, hessian, spectrum
from engine.surfaces.descent import Descent, Run
from engine.surfaces.failure import failure
from engine.surfaces.slowness import slowness
from engine.surfaces.surface import Surface
from engine.surfaces.typical import place, usual_slope, width

FLAT = 1e-6
"""A slope below this share of the picture's median slope counts as zero, as does a length below this share of its
width."""

STILL = 1e-8
"""A run barely moves if its last ten steps are all this short, relative to the picture's width."""

EXACT = 1 - 1e-9
"""The limit of stability, less what rounding may take away. A run that is exactly at the limit hops for ever."""

KINDS = {
    "minimum": "a minimum",
    "maximum": "a maximum",
    "saddle": "a saddle",
    "degenerate": "a point where the curvature does not decide the kind",
}


@dataclass(frozen=True)
class Outcome:
    """How one run ended.

    verdict: a few words. reason: one sentence.
    loss, distance: at the last point; the distance is to the nearest known minimum.
    to_tolerance: the first step within the spec's tolerance of a known minimum; None if there is no such step.
    arrived: the first step from which the run stays that close until its end; None if it does not end there.
    limit: on a quadratic the method is stable while rate times curvature is below this; None if no bound is known.
    load: the last rate times the largest curvature at the nearest known minimum, to compare with ``limit``. None if
        there is no limit or no known minimum.
    """

    label: str
    verdict: str
    reason: str
    loss: float
    distance: float
    to_tolerance: int | None
    arrived: int | None
    steps: int
    load: float | None
    limit: float | None


_KNOWN: WeakKeyDictionary[Descent, tuple[Outcome, ...]] = WeakKeyDictionary()


def outcomes(descent: Descent) -> tuple[Outcome, ...]:
    """One outcome per run, in the descent's order. They are found once: a page asks for them in every rerun."""
    if descent not in _KNOWN:
        _KNOWN[descent] = tuple(_outcome(descent, run) for run in descent.runs)
    return _KNOWN[descent]


def outcome_table(ends: tuple[Outcome, ...]) -> pd.DataFrame:
    """One row per outcome; the columns are the fields of ``Outcome``."""
    return pd.DataFrame([vars(end) for end in ends]).astype(
        {"to_tolerance": "Int64", "limit": "float", "load": "float"}
    )


def _outcome(descent: Descent, run: Run) -> Outcome:
    surface, spec = descent.surface, descent.spec
    distance = run.columns["distance"]
    near = np.flatnonzero(distance <= spec.tolerance)
    limit = run.lane.stable_below()
    load = None
    if limit is not None and surface.minima:
        there = surface.minima[nearest(surface, run.positions[-1])]
        load = float(run.columns["rate"][-1] * spectrum(surface, np.array([there]))[0, 1])
    verdict, reason = failure(descent, run) if run.diverged else _rest(descent, run, load, limit)
    return Outcome(
        label=run.label,
        verdict=verdict,
        reason=reason,
        loss=float(run.columns["loss"][-1]),
        distance=float(distance[-1]),
        to_tolerance=int(near[0]) if near.size else None,
        arrived=_stays(distance <= spec.tolerance),
        steps=run.steps,
        load=load,
        limit=limit,
    )


def _stays(near: NDArray[np.bool_]) -> int | None:
    """The first place from which ``near`` is true until its end; None if it is not true there."""
    away = np.flatnonzero(~near)
    return None if not near[-1] else int(away[-1]) + 1 if away.size else 0


def nearest(surface: Surface, point: NDArray[np.float64]) -> int:
    """The index of the known minimum nearest to ``point`` [2]."""
    return int(np.hypot(*(np.asarray(surface.minima) - point).T).argmin())


def _rest(descent: Descent, run: Run, load: float | None, limit: float | None) -> tuple[str, str]:
    """The verdict and the reason for a run that stayed finite: where it came to rest, or that it did not rest."""
    surface, spec = descent.surface, descent.spec
    x, y = run.positions[-1]
    here = place(surface, (x, y))
    after = f"after {run.steps} steps" + ("" if run.steps == spec.steps else ", when the stop rule ended the run")
    if run.columns["distance"][-1] <= spec.tolerance:
        at = nearest(surface, run.positions[-1])
        return (
            f"reached {place(surface, surface.minima[at])}",
            f"Within {spec.tolerance:g} of {rank(surface, run.positions[-1])} {after}.",
        )
    slope = run.columns["gradient_norm"][-1]
    if kind := stationary(surface, run):
        return f"rests at {here}", f"The gradient is {written(slope)} {after}: {kind}."
    pace = run.columns["step_length"][-11:-1]
    inside = all(left <= value <= right for value, (left, right) in zip((x, y), surface.domain, strict=True))
    still = STILL * width(surface)
    if inside and pace.size == 10 and pace.max() <= still:
        far = f"moved by at most {written(pace.max(), 1)} in each of the last ten steps"
        return "barely moves", (
            f"It is at {here} {after} and {far if pace.max() else 'stands still'}, although its gradient is "
            f"{written(slope)}. {slowness(descent, run, still)}"
        )
    stands = f"At {here} {after}, gradient norm {written(slope)}."
    if load is not None and limit is not None and load >= limit * EXACT:
        return "cannot settle" if inside else "left the window", (
            f"{stands} The rate times the curvature at the nearest minimum is {written(load, 3)}; "
            f"{run.lane.display.label} is stable below {limit:.3g}, so it hops away from the minimum."
        )
    return "not there yet" if inside else "left the window", stands


def stationary(surface: Surface, run: Run) -> str:
    """The kind of stationary point where ``run`` ends; "" if it does not end at one.

    Two quantities must be negligible there: the gradient, against the picture's median gradient, and Newton's step to
    the stationary point, against the picture's width. The gradient alone says too little: in a gentle valley it is
    negligible long before the run arrives.
    """
    usual = usual_slope(surface)
    point = torch.from_numpy(run.positions[-1])
    curved = hessian(surface, point).numpy()
    if run.columns["gradient_norm"][-1] > FLAT * usual or not np.isfinite(curved).all():
        return ""
    span = width(surface)
    low, high = np.linalg.eigvalsh(curved)
    if max(abs(low), abs(high)) * span <= FLAT * usual:
        return _tip(surface, point, span, usual) or "a flat place, with almost no slope and no curvature"
    if math.hypot(*(np.linalg.pinv(curved) @ run.gradients[-1])) > FLAT * span:
        return ""
    return f"{KINDS[classify(surface, point, span)]}, its curvatures {written(low, 3)} and {written(high, 3)}"


def _tip(surface: Surface, point: torch.Tensor, span: float, usual: float) -> str:
    """What ``point`` is, whose slope and curvature count as 0; "" if the surface is flat around it."""
    angles = torch.linspace(0, 2 * math.pi, 17, dtype=torch.float64)[:-1]
    directions = torch.stack((angles.cos(), angles.sin()), -1)
    rises, closer = (
        surface(point + distance * directions) - surface(point) for distance in (NEAR * span, NEAR * span / 8)
    )
    if not (rises.abs() > FLAT * usual * NEAR * span).any():
        return ""
    if closer.abs().max() < rises.abs().max() / 32:  # at a kink the rises shrink eightfold, on a smooth surface more
        return KINDS["degenerate"]
    return (
        "a kink, the lowest point near it"
        if (rises > 0).all()
        else ("a kink, the highest point near it" if (rises < 0).all() else "a kink")
    )


def rank(surface: Surface, point: NDArray[np.float64]) -> str:
    """The rank of the known minimum nearest to ``point`` [2], in words."""
    at = nearest(surface, point)
    values = surface(torch.tensor(surface.minima, dtype=torch.float64)).numpy()
    lowest = values <= values.min() + 1e-9 * max(1.0, float(np.ptp(values)))
    if surface.searched:
        return "the lowest minimum found in the window" if lowest[at] else "a minimum"
    if not lowest[at]:
        return "a local minimum"
    return "the global minimum" if lowest.sum() == 1 else "a global minimum"
