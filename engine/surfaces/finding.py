"""What a race shows, in one sentence: who reached a minimum, in how many steps, and how the others ended."""

from collections import defaultdict

from engine.numerals import written
from engine.surfaces.descent import Array, Descent
from engine.surfaces.outcome import Outcome, outcomes, rank, stationary
from engine.surfaces.surface import Surface
from engine.surfaces.typical import place

MOST = 4
"""The most optimizers that are named for one end."""


def finding(descent: Descent) -> str:
    """The ends of all runs, the quickest first. A run has arrived when it comes close to a minimum and stays there."""
    arrived: list[tuple[Outcome, str]] = []
    others: dict[str, list[Outcome]] = defaultdict(list)
    surface = descent.surface
    for end, run in zip(outcomes(descent), descent.runs, strict=True):
        if end.verdict.startswith("reached") and end.arrived is not None:
            arrived.append((end, rank(surface, run.positions[-1])))
        else:
            others[_clause(end, stationary(surface, run), surface, run.positions[-1])].append(end)
    parts = [_arrivals(arrived)] if arrived else []
    said = "; ".join([*parts, *(_said(clause, ends) for clause, ends in others.items())])
    return f"{said[0].upper()}{said[1:]}."


def first(descent: Descent) -> tuple[str, ...]:
    """The labels of the runs that reach a minimum first: several if they tie, none if no run arrives."""
    steps = {end.label: end.arrived for end in outcomes(descent) if end.verdict.startswith("reached")}
    least = min((step for step in steps.values() if step is not None), default=None)
    return tuple(label for label, step in steps.items() if least is not None and step == least)


def _arrivals(found: list[tuple[Outcome, str]]) -> str:
    """Who reached a minimum, and after how many steps. Different minima are named by their places."""
    found = sorted(found, key=lambda pair: pair[0].arrived or 0)
    ends = [end for end, _ in found]
    several = len({end.verdict for end in ends}) > 1
    said: list[str] = []
    before = ""
    for end, which in found[:MOST]:
        goal = end.verdict.removeprefix("reached ") if several else which
        said.append(f"{end.label} {'' if goal == before else f'reaches {goal} '}in {end.arrived}")
        before = goal
    first = f"{said[0]} step{'' if ends[0].arrived == 1 else 's'}"
    more = [f"{len(ends) - MOST} more by step {ends[-1].arrived}"] if len(ends) > MOST else []
    return ", ".join([first, *said[1:], *more])


def _clause(end: Outcome, kind: str, surface: Surface, point: Array) -> str:
    """How a run ended that reached no minimum, for one run: "rests at a saddle"."""
    if end.verdict == "not there yet":
        return f"not there yet after {end.steps} step{'' if end.steps == 1 else 's'}"
    if end.verdict == "barely moves":
        return f"barely moves at {place(surface, point)}"
    return f"rests at {kind.split(',')[0]}" if kind and end.verdict.startswith("rests") else end.verdict


def _said(clause: str, ends: list[Outcome]) -> str:
    """The clause with its subject. Of the runs that are not there yet, the lowest comes first."""
    if clause.startswith("not there yet"):
        lowest = sorted(ends, key=lambda end: end.loss)
        return f"{clause}: {_listed([f'{end.label} at loss {written(end.loss, 3)}' for end in lowest])}"
    if len(ends) > 1:
        clause = clause.replace("rests", "rest", 1).replace("moves", "move", 1)
    return f"{_listed([end.label for end in ends])} {clause}"


def _listed(labels: list[str]) -> str:
    named, more = labels[:MOST], len(labels) - MOST
    if more > 0:
        return f"{', '.join(named)} and {more} more"
    return " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
