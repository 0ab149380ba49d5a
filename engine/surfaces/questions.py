"""What a visitor predicts before a preset's race is shown. The right answers are computed from the race."""

import numpy as np

from engine.experiment import Question
from engine.surfaces.descent import Descent
from engine.surfaces.outcome import nearest, outcomes
from engine.surfaces.surface import Point
from engine.surfaces.typical import place


def _lowest(descent: Descent) -> int:
    return int(np.argmin([run.columns["loss"][-1] for run in descent.runs]))


def _nearer_to_zero(descent: Descent) -> int:
    adam, adamw = (float(np.linalg.norm(run.positions[-1])) for run in descent.runs)
    return 0 if np.isclose(adam, adamw, rtol=0.01) else 1 if adam < adamw else 2


def _stays(descent: Descent) -> int:
    """The number of the only run that rests away from a minimum; -1 if there is not exactly one."""
    rest = [number for number, end in enumerate(outcomes(descent)) if end.verdict.startswith("rests")]
    return {"SGD": 0, "Adam": 1, "Newton": 2}.get(descent.runs[rest[0]].label, -1) if len(rest) == 1 else -1


def _arrivals(descent: Descent) -> int:
    return sum(end.verdict.startswith("reached") for end in outcomes(descent)) - 1


def _grows(descent: Descent) -> int:
    """1 if the last run ends farther from the minimum than it began."""
    distance = descent.runs[-1].columns["distance"]
    return int(distance[-1] > distance[0])


def _from_momentums_end(descent: Descent, mark: Point) -> str:
    """How far ``mark`` is from the end of Momentum's run, and whether it is in the same valley."""
    end = next(run.positions[-1] for run in descent.runs if run.label == "Momentum")
    same = nearest(descent.surface, np.array(mark)) == nearest(descent.surface, end)
    return (
        f"Momentum ends at {place(descent.surface, end)}. Your mark is {np.hypot(*(end - mark)):.3g} away from there, "
        f"nearest to {'the same' if same else 'another'} minimum."
    )


RAVINE = Question(
    "Both have the same learning rate. Which one has the lower loss after 100 steps?",
    ("SGD", "Momentum"),
    _lowest,
)
DECAY = Question(
    "Both have the same weight decay, 1. Where do they end?",
    ("At the same point", "Adam ends nearer to zero", "AdamW ends nearer to zero"),
    _nearer_to_zero,
)
ESCAPE = Question(
    "All start almost on the ridge above the saddle. Which one ends in the saddle?",
    ("SGD", "Adam", "Newton's method"),
    _stays,
)
RATES = Question(
    "Four learning rates; the largest is 100 times the smallest. How many runs reach a minimum?",
    ("One", "Two", "Three", "All four"),
    _arrivals,
)
EDGE = Question(
    "The largest curvature λ is 20. What happens at a rate of 0.102, just above 2/λ = 0.1?",
    ("It still comes nearer, only slowly", "Each hop is longer than the one before"),
    _grows,
)
OWN = Question(
    "All three start at the circle. Where does Momentum end?",
    beside=_from_momentums_end,
)
