"""What a race shows, in one sentence: who reached a minimum, in how many steps, and how the others ended."""

from collections import defaultdict

from engine.surfaces.descent import Descent
from engine.surfaces.outcome import Outcome, outcomes, stationary

MOST = 4
"""The most optimizers that are named for one end."""


def finding(descent: Descent) -> str:
    """The ends of all runs, the quickest first. The numbers are those of the table of outcomes."""
    arrived: list[Outcome] = []
    others: dict[str, list[Outcome]] = defaultdict(list)
    for end, run in zip(outcomes(descent), descent.runs, strict=True):
        if end.verdict.startswith("reached") and end.to_tolerance is not None:
            arrived.append(end)
        else:
            kind = stationary(descent.surface, run) if end.verdict.startswith("rests") else ""
            others[f"rests at {kind.split(',')[0]}" if kind else end.verdict].append(end)
    parts = [_arrivals(arrived)] if arrived else []
    said = "; ".join([*parts, *(_clause(verdict, ends) for verdict, ends in others.items())])
    return f"{said[0].upper()}{said[1:]}."


def _arrivals(ends: list[Outcome]) -> str:
    """Who reached a minimum, and after how many steps. Different minima are named by their places."""
    ends = sorted(ends, key=lambda end: end.to_tolerance or 0)
    several = len({end.verdict for end in ends}) > 1
    said: list[str] = []
    for end in ends[:MOST]:
        place = f" {end.verdict.removeprefix('reached ')}" if several else "" if said else " the minimum"
        said.append(f"{end.label} {'reaches' if place else ''}{place} in {end.to_tolerance}".replace("  ", " "))
    first = f"{said[0]} step{'' if ends[0].to_tolerance == 1 else 's'}"
    more = [f"{len(ends) - MOST} more by step {ends[-1].to_tolerance}"] if len(ends) > MOST else []
    return ", ".join([first, *said[1:], *more])


def _clause(verdict: str, ends: list[Outcome]) -> str:
    """How the runs ended that reached no minimum. Of those that are not there yet, the lowest comes first."""
    if verdict != "not there yet":
        return f"{_listed([end.label for end in ends])} {verdict}"
    said = _listed([f"{end.label} at loss {end.loss:.3g}" for end in sorted(ends, key=lambda end: end.loss)])
    return f"not there yet after {ends[0].steps} steps: {said}"


def _listed(labels: list[str]) -> str:
    named, more = labels[:MOST], len(labels) - MOST
    if more > 0:
        return f"{', '.join(named)} and {more} more"
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
