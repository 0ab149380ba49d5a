"""How each run of a race ended, and why: the rows of the outcome table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.surfaces.critical import eigenvalues, hessian
from engine.surfaces.descent import Descent, Run
from engine.surfaces.surface import Surface

FLAT = 1e-6
"""A gradient shorter than this, relative to the largest one of the run, counts as zero."""


@dataclass(frozen=True)
class Outcome:
    """One run's end.

    verdict: a few words. reason: one sentence.
    to_tolerance: the first step within the spec's tolerance of a known minimum, None if never.
    load: the rate times the largest curvature at the nearest known minimum, None where there is none; what plain
        methods must keep below ``limit``, their stability bound on a quadratic (None where there is no such law).
    """

    label: str
    verdict: str
    reason: str
    loss: float
    distance: float
    to_tolerance: int | None
    steps: int
    load: float | None
    limit: float | None


def outcomes(descent: Descent) -> tuple[Outcome, ...]:
    """An outcome a run, in the descent's order."""
    return tuple(_outcome(descent, run) for run in descent.runs)


def outcome_table(ends: tuple[Outcome, ...]) -> pd.DataFrame:
    """A row an outcome; columns are the fields of ``Outcome``."""
    return pd.DataFrame([vars(end) for end in ends]).astype(
        {"to_tolerance": "Int64", "limit": "float", "load": "float"}
    )


def _outcome(descent: Descent, run: Run) -> Outcome:
    surface, spec = descent.surface, descent.spec
    distance = run.columns["distance"]
    near = np.flatnonzero(distance <= spec.tolerance)
    verdict, reason = _diverged(surface, run) if run.diverged else _rest(descent, run)
    load = None
    if surface.minima:
        gaps = np.hypot(*(np.asarray(surface.minima) - run.positions[-1]).T)
        load = float(run.lane.lr * spectrum(surface, np.array([surface.minima[int(gaps.argmin())]]))[0, 1])
    return Outcome(
        label=run.label,
        verdict=verdict,
        reason=reason,
        loss=float(run.columns["loss"][-1]),
        distance=float(distance[-1]),
        to_tolerance=int(near[0]) if near.size else None,
        steps=run.steps,
        load=load,
        limit=run.lane.stable_below(),
    )


def spectrum(surface: Surface, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hessian eigenvalues at ``points`` [k, 2], ascending, [k, 2]; NaN where the Hessian is not finite."""
    return eigenvalues(hessian(surface, torch.from_numpy(points))).numpy()


def _diverged(surface: Surface, run: Run) -> tuple[str, str]:
    """Which step broke and what came before it."""
    step = run.steps + 1
    verdict = f"diverged at step {step}"
    limit = run.lane.stable_below()
    if limit is not None:
        loads = run.columns["rate"] * spectrum(surface, run.positions)[:, 1]
        beyond = np.flatnonzero(loads > limit)
        if beyond.size:
            first = int(beyond[0])
            return verdict, (
                f"At step {first} the rate times the curvature was {loads[first]:.3g}; {run.lane.label} is stable "
                f"below {limit:.3g}. From there its steps grew until the numbers overflowed."
            )
    length = float(run.columns["step_length"][-2]) if run.steps else 0.0
    if abs(run.columns["loss"][-1]) < 1e30 and length < 1e15:
        x, y = run.positions[-1]
        return verdict, f"The step from ({x:.4g}, {y:.4g}) led to where the function or its slope is not finite."
    falling = run.columns["loss"][-1] < run.columns["loss"][0]
    why = "The loss has no lower bound here and fell until" if falling else "Each step was longer than the last until"
    return verdict, f"{why} the numbers overflowed; the last step had length {length:.3g}."


def _rest(descent: Descent, run: Run) -> tuple[str, str]:
    """Where a run that stayed finite came to rest, or that it did not."""
    surface, spec = descent.surface, descent.spec
    x, y = run.positions[-1]
    here = f"({x:.4g}, {y:.4g})"
    ended = f"after {run.steps} steps" if run.steps == spec.steps else f"at step {run.steps}, by the stop rule,"
    if run.columns["distance"][-1] <= spec.tolerance:
        minima = np.asarray(surface.minima)
        at = int(np.hypot(*(minima - run.positions[-1]).T).argmin())
        values = surface(torch.from_numpy(minima)).numpy()
        lowest = values[at] <= values.min() + 1e-9 * max(1.0, float(np.ptp(values)))
        name = ("the global" if len(minima) == 1 else "a global" if lowest else "a local") + " minimum"
        place = f"({minima[at][0]:.4g}, {minima[at][1]:.4g})"
        return f"reached {place}", f"It is {name}, within {spec.tolerance:g} {ended}."
    norms = run.columns["gradient_norm"]
    low, high = spectrum(surface, run.positions[-1:])[0]
    if norms[-1] <= FLAT * max(float(norms.max()), 1e-12):
        kind = "a minimum" if low > 0 else "a maximum" if high < 0 else "a saddle" if low < 0 < high else "a flat place"
        return f"rests at {here}", (
            f"The gradient is {norms[-1]:.2g} {ended} and the curvatures are {low:.3g} and {high:.3g}: {kind}."
        )
    inside = all(a <= v <= b for v, (a, b) in zip((x, y), surface.domain, strict=True))
    if not inside:
        return "left the picture", f"It stands at {here} {ended}, its gradient {norms[-1]:.2g}."
    return "under way", f"It stands at {here} {ended}, its gradient {norms[-1]:.2g}."
