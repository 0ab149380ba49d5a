"""How each run of a race ended, and why: the rows of the outcome table."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.surfaces.critical import classify, eigenvalues, hessian
from engine.surfaces.descent import OWN, Descent, Run
from engine.surfaces.surface import Surface

STILL = 1e-3
"""A run rests where its last step, and Newton's step to a critical point, are below this share of the domain."""

HUGE = 1e30
"""Numbers beyond this are on their way to overflow: no surface here is as high or as wide."""

KINDS = {
    "minimum": "a minimum",
    "maximum": "a maximum",
    "saddle": "a saddle",
    "degenerate": "a flat place, where the curvature does not tell",
}


@dataclass(frozen=True)
class Outcome:
    """One run's end.

    verdict: a few words. reason: one sentence.
    to_tolerance: the first step within the spec's tolerance of a known minimum, None if never.
    limit: the method's stability bound on a quadratic, for rate times curvature; None where it has no such law.
    load: the last rate times the largest curvature at the nearest known minimum, to be compared with ``limit``; None
        without a limit or a minimum.
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


def spectrum(surface: Surface, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hessian eigenvalues at ``points`` [k, 2], ascending, [k, 2]; not finite where the Hessian is not."""
    return eigenvalues(hessian(surface, torch.from_numpy(points))).numpy()


def lattice(surface: Surface) -> NDArray[np.float64]:
    """9 x 9 points that span the picture, [81, 2]: for what is typical of it."""
    x, y = (np.linspace(low, high, 9) for low, high in surface.domain)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _outcome(descent: Descent, run: Run) -> Outcome:
    surface = descent.surface
    distance = run.columns["distance"]
    near = np.flatnonzero(distance <= descent.spec.tolerance)
    limit, load = run.lane.stable_below(), None
    if surface.minima:
        minimum = np.array([surface.minima[_nearest(descent, run)]])
        load = float(run.columns["rate"][-1] * spectrum(surface, minimum)[0, 1])
    verdict, reason = _diverged(surface, run) if run.diverged else _rest(descent, run, load, limit)
    return Outcome(
        label=run.label,
        verdict=verdict,
        reason=reason,
        loss=float(run.columns["loss"][-1]),
        distance=float(distance[-1]),
        to_tolerance=int(near[0]) if near.size else None,
        steps=run.steps,
        load=load,
        limit=limit,
    )


def _nearest(descent: Descent, run: Run) -> int:
    """Which of the known minima is nearest to the end of ``run``."""
    return int(np.hypot(*(np.array(descent.surface.minima) - run.positions[-1]).T).argmin())


def _diverged(surface: Surface, run: Run) -> tuple[str, str]:
    """Which step broke and what came before it."""
    losses, (x, y) = run.columns["loss"], run.positions[-1]
    if not np.isfinite([losses[-1], *run.gradients[-1]]).all():  # Only a start is kept although it is not finite.
        return "cannot start", f"The function or its slope is not finite at the start, ({x:.4g}, {y:.4g})."
    verdict = f"diverged at step {run.steps + 1}"
    length = float(run.columns["step_length"][-2]) if run.steps else 0.0
    if losses[-1] < -1e30:
        return verdict, f"The loss has no lower bound here and fell to {losses[-1]:.2g} before the numbers overflowed."
    if losses[-1] < 1e30 and length < 1e15:
        return verdict, f"The step from ({x:.4g}, {y:.4g}) led to where the function or its slope is not finite."
    limit = run.lane.stable_below()
    if limit is not None:
        loads = run.columns["rate"] * spectrum(surface, run.positions)[:, 1]
        below = np.flatnonzero(loads <= limit)
        first = int(below[-1]) + 1 if below.size else 0
        if first <= run.steps and loads[first] > limit:
            return verdict, (
                f"{run.lane.label} is stable while the rate times the curvature is below {limit:.3g}. At step {first} "
                f"that was {loads[first]:.3g}, and it stayed above until the numbers overflowed."
            )
    return verdict, f"The steps grew until the numbers overflowed; the last one had length {length:.2g}."


def _rest(descent: Descent, run: Run, load: float | None, limit: float | None) -> tuple[str, str]:
    """Where a run that stayed finite came to rest, or that it did not."""
    surface, spec = descent.surface, descent.spec
    (x, y), norm, distance = run.positions[-1], run.columns["gradient_norm"][-1], run.columns["distance"][-1]
    here = f"({x:.4g}, {y:.4g})"
    when = f"after {run.steps} steps" if run.steps == spec.steps else f"at step {run.steps}, where the stop rule holds,"
    if distance <= spec.tolerance:
        minimum = surface.minima[_nearest(descent, run)]
        return f"reached ({minimum[0]:.4g}, {minimum[1]:.4g})", (
            f"This is {_rank(descent, run)}; {when} it is {distance:.2g} away."
        )
    if kind := _stationary(surface, run):
        return f"rests at {here}", f"The gradient is {norm:.2g} {when} and this is {kind}."
    stands = f"It stands at {here} {when} and the gradient is {norm:.2g}."
    if not all(low <= value <= high for value, (low, high) in zip((x, y), surface.domain, strict=True)):
        return "left the picture", stands
    if load is not None and limit is not None and load > limit:
        return "cannot settle", (
            f"The rate times the curvature at the nearest minimum is {load:.3g}; {run.lane.label} is stable below "
            f"{limit:.3g}, so it hops about without coming to rest."
        )
    return "under way", stands


def _rank(descent: Descent, run: Run) -> str:
    """What kind of minimum the nearest one is."""
    values = descent.surface(torch.tensor(descent.surface.minima, dtype=torch.float64)).numpy()
    lowest = values <= descent.lowest + 1e-9 * max(1.0, float(np.ptp(values)))
    if not lowest[_nearest(descent, run)]:
        return "a local minimum"
    if descent.spec.surface == OWN:
        return "the lowest minimum that was found" if lowest.sum() == 1 else "one of the lowest minima that were found"
    return "the global minimum" if lowest.sum() == 1 else "a global minimum"


def _stationary(surface: Surface, run: Run) -> str:
    """What kind of place without a slope ``run`` ends at; "" where there is a slope, or it is still on its way there.

    A slope counts as none where it is ``FLAT`` beside the picture's median gradient. Along a gentle valley that is not
    enough: Newton's step, the distance to the stationary point, must be short too.
    """
    _, slopes, _ = derivatives(surface, torch.from_numpy(lattice(surface)))
    norms = slopes.norm(dim=-1)
    usual = float(norms[norms.isfinite()].median()) if norms.isfinite().any() else 0.0
    _, slope, curved = (part[0].numpy() for part in derivatives(surface, torch.from_numpy(run.positions[-1:])))
    if np.hypot(*slope) > FLAT * usual or not np.isfinite(curved).all():
        return ""
    low, high = np.linalg.eigvalsh(curved)
    diagonal = np.hypot(*(right - left for left, right in surface.domain))
    if max(abs(low), abs(high)) * diagonal <= FLAT * usual:
        return "a flat place: there is no slope, and no curvature to speak of"
    if np.hypot(*(np.linalg.pinv(curved) @ slope)) > FLAT * diagonal:
        return ""
    kind = "a minimum" if low > 0 else "a maximum" if high < 0 else "a saddle" if low < 0 < high else "the floor of a trough"
    return f"{kind}, of curvatures {low:.3g} and {high:.3g}"
