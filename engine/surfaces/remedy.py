"""What would have helped a run that did not reach a minimum. Each remedy was tried: it is named only if it worked."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from pydantic import ValidationError

from engine.optimizers import Lane
from engine.surfaces.descent import Descent, descend
from engine.surfaces.outcome import EXACT, Outcome, outcomes
from engine.surfaces.rates import fitted
from engine.surfaces.spec import DescentSpec

MOST_STEPS = 2_000
"""The steps of the trial with more steps. A race can have no more."""

ASIDE = 0.01
"""How far another start is from the start, as a share of the picture's width."""


@dataclass(frozen=True)
class Trial:
    """A change of a race that may help one lane. words: the change, as the beginning of a sentence."""

    words: str
    lane: Lane
    spec: DescentSpec


@lru_cache(maxsize=128)
def remedies(spec: DescentSpec) -> tuple[str, ...]:
    """A sentence for each lane of ``spec``: the first remedy that leads it to a minimum, "" if none does or is needed.

    It tries in this order: epsilon's default in place of 0, half the rate at which the method becomes unstable at the
    nearest minimum, a constant rate and no weight decay for a run that barely moves, the suggested rate, and another
    start. A run that is not there yet gets more steps first.
    """
    descent = descend(spec)
    return tuple(
        "" if end.verdict.startswith("reached") else next(filter(None, map(tried, trials(descent, lane, end))), "")
        for lane, end in zip(spec.lanes, outcomes(descent), strict=True)
    )


def trials(descent: Descent, lane: Lane, end: Outcome) -> Iterator[Trial]:
    """The changes that may help ``lane``, which ended like this."""
    spec, surface = descent.spec, descent.surface
    alone = spec.but(lanes=(lane,), stop="never")
    if dict(lane).get("eps") == 0:
        eps = dict(lane.plain())["eps"]
        yield Trial(f"With ε = {eps:g}", lane.but(eps=eps), alone)
    late = end.verdict == "not there yet"
    if late:
        with suppress(ValidationError):
            yield Trial("With more steps", lane, alone.but(steps=MOST_STEPS))
    else:
        if end.limit is not None and end.load is not None and end.load >= end.limit * EXACT:
            slower = lane.but(lr=float(f"{0.5 * lane.lr * end.limit / end.load:.2g}"))
            yield Trial(f"With the rate {slower.lr:g}, below the limit", slower, alone)
    if end.verdict == "barely moves" and lane.schedule != "constant":
        yield Trial("With a constant rate", lane.but(schedule="constant"), alone)
    if end.verdict == "barely moves" and dict(lane).get("weight_decay"):
        yield Trial("Without weight decay", lane.but(weight_decay=0), alone)
    (suggested,) = fitted((lane,), surface, spec.origin())
    if suggested.lr != lane.lr:
        yield Trial(f"With the suggested rate {suggested.lr:g}", suggested, alone)
    if end.verdict.startswith(("rests", "undefined", "stopped")):
        (left, right), (low, high) = surface.domain
        x, y = spec.origin()
        for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            start = (x + dx * ASIDE * (right - left), y + dy * ASIDE * (high - low))
            yield Trial(f"From ({start[0]:.3g}, {start[1]:.3g})", lane, alone.but(start=start))


def tried(trial: Trial) -> str:
    """Say what the trial led to, if it led to a minimum; else ""."""
    (end,) = outcomes(descend(trial.spec.but(lanes=(trial.lane,))))
    if end.to_tolerance is None or not end.verdict.startswith("reached"):
        return ""
    there, steps = end.verdict.replace("reached", "reaches"), end.to_tolerance
    return f"{trial.words}, it {there} after {steps} step{'' if steps == 1 else 's'}."
