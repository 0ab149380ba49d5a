"""How claims are decided: verdicts, and networks that are compared by the bands of their seeds."""

import numpy as np

from engine.activations.sequence_trained import Learned
from engine.experiment import Verdict

Found = tuple[Verdict, str]
"""A verdict, and one sentence with its numbers."""


def holds(true: bool) -> Verdict:
    return "holds" if true else "does not hold"


def mean(curves: Learned) -> float:
    """The mean accuracy in the test at the end. A seed that stopped early got nothing right."""
    return float(np.nan_to_num(curves.tested).mean())


def band(curves: Learned) -> tuple[float, float]:
    """The least and the greatest of these accuracies over the seeds."""
    tested = np.nan_to_num(curves.tested)
    return float(tested.min()), float(tested.max())


def above(one: Learned, other: Learned) -> bool:
    """Whether each seed of ``one`` is better than each seed of ``other``, so that their bands do not overlap."""
    return band(one)[0] > band(other)[1]


def accuracy(curves: Learned) -> str:
    """The accuracy in words, with its band."""
    low, high = band(curves)
    return f"{mean(curves):.0%} ({low:.0%} to {high:.0%})"


def points(difference: float) -> str:
    """A difference of accuracies in words."""
    return f"{100 * difference:+.1f} points".replace("-", "−")


def listed(names: list[str], last: str = "and") -> str:
    """ "a, b and c"."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
