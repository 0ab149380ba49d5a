"""What a visitor predicts before a race is shown. The right answers are computed from the race."""

from engine.experiment import Question
from engine.race.board import board
from engine.race.result import Race

TEAMS = {
    "LocoProp, M or S": ("locopropm", "locoprops"),
    "Adam × 8, with eight updates a batch": ("adamk",),
    "K-FAC or Shampoo": ("kfac", "shampoo"),
    "Adam or RMSprop": ("adam", "rmsprop"),
}
"""Answer -> the optimizers that it stands for."""

MUCH = 1.5
"""Below this ratio, two times count as about the same."""


def _leads(race: Race) -> int:
    """The team with the lowest training loss per epoch. -1 if teams tie, another optimizer leads or the race runs."""
    best = set(board(race).best("epoch")["optimizer"])
    if race.progress < 1 or not best:
        return -1
    return next((place for place, team in enumerate(TEAMS.values()) if best <= set(team)), -1)


def _sooner(race: Race) -> int:
    """Who needs less time for all epochs: 0 LocoProp-M, 1 K-FAC, 2 both about the same."""
    spent = board(race).rows.set_index("optimizer")["all_seconds"]
    ratio = spent["locopropm"] / spent["kfac"]
    return 0 if ratio < 1 / MUCH else 1 if ratio > MUCH else 2


LEADS = Question(
    "LocoProp gives every layer a small problem of its own on each batch. All optimizers see the same images equally "
    "often. Whose network has the lowest training loss at the end?",
    tuple(TEAMS),
    _leads,
)
SOONER = Question(
    "After fifteen epochs LocoProp-M and K-FAC have nearly the same training loss. Who needed less time to get there?",
    ("LocoProp-M", "K-FAC", "Both about the same"),
    _sooner,
)
