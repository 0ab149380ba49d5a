"""Which lane leads on each axis, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from engine.race.result import Race

AXES = {"epoch": "epochs", "seconds": "seconds", "gradients": "gradients' worth of operations"}
"""The axes: column of the points -> its unit in words. Lanes are compared at equal amounts on each."""


@dataclass(frozen=True)
class Board:
    """A race compared on its three axes.

    budget: axis -> where lanes are compared: the epochs that all have finished; the seconds and operations that the
        median lane has spent. A lane that had finished its epochs before counts with its last loss.
    goal: the greatest last train loss of the lanes that have not ended. All of them have reached it; how soon is
        compared.
    rows: a row for each lane. name, optimizer.
        epoch, seconds, gradients: its loss at the last point within that budget, the mean over the seeds that are
        compared; NaN for a lane that ended before the budget was spent.
        warming_seconds, warming_gradients: whether it was still in its warm-up then.
        to_goal: seconds to the goal.
        train_loss, test_loss: its last losses; NaN where one seed of several ended early.
        all_seconds, all_gradients: what it has spent in all. through: whether it has finished all epochs.
        step_ms, step_gradients, state, peak: milliseconds and gradients of a step, bytes of state and peak.
        end: why it stopped early.
    """

    budget: dict[str, float]
    goal: float
    rows: pd.DataFrame

    def leader(self, axis: str) -> str:
        """The name of the lane with the least train loss within the budget; "" before any is ahead."""
        losses = self.rows.set_index("name")[axis].dropna().sort_values()
        level = len(losses) > 1 and losses.iloc[0] == losses.iloc[1]
        return str(losses.index[0]) if len(losses) and not level else ""


def board(race: Race) -> Board:
    """Compare the lanes of a race as far as it went."""
    points = race.compared
    whose = zip(points["lane"], points["seed"], strict=True)
    alive = points[pd.Series([run not in race.ends for run in whose], points.index, dtype=bool)]
    spent = alive.groupby(["lane", "seed"])[list(AXES)].max().groupby("lane").min()
    budget = dict.fromkeys(AXES, 0.0)
    if len(spent):
        # The median, or the lower one of two middle values: an amount that a lane has really spent.
        middle = spent.quantile(interpolation="lower")
        budget = {axis: float(middle[axis]) for axis in AXES} | {"epoch": float(spent["epoch"].min())}
    goal = float(alive[alive["step"] > 0].groupby(["lane", "seed"])["train_loss"].last().max())
    rows = []
    for number, (name, lane) in enumerate(zip(race.names, race.spec.lanes, strict=True)):
        own = points[points["lane"] == number]
        runs = [run.assign(ended=(number, seed) in race.ends) for seed, run in own.groupby("seed")]
        last = own[own["step"] > 0].groupby("seed").tail(1)
        if len(runs) > 1 and any(run["ended"].any() for run in runs):
            last = last.assign(train_loss=float("nan"), test_loss=float("nan"))  # of different epochs
        cost = race.costs.get(number, {})
        reasons = [
            f"seed {seed}, {reason}" if race.spec.seeds > 1 else reason
            for (lane_, seed), reason in race.ends.items()
            if lane_ == number
        ]
        rows.append(
            {"name": name, "optimizer": lane.optimizer}
            | {axis: _within(runs, axis, budget[axis]) for axis in AXES}
            | {
                f"warming_{axis}": lane.rated() and _epochs_within(runs, axis, budget[axis]) < race.spec.warmup
                for axis in ("seconds", "gradients")
            }
            | {
                "to_goal": seconds_to(runs, goal),
                "train_loss": last["train_loss"].mean(),
                "test_loss": last["test_loss"].mean(),
                "all_seconds": last["seconds"].mean(),
                "all_gradients": last["gradients"].mean(),
                "through": bool(runs) and all(run["epoch"].max() == race.spec.epochs for run in runs),
                "step_ms": (1e3 * last["seconds"] / last["step"]).mean(),
                "step_gradients": cost.get("flops", float("nan")) / race.start.get("gradient", float("nan")),
                "state": cost.get("state"),
                "peak": cost.get("peak"),
                "end": "; ".join(reasons),
            }
        )
    return Board(budget, goal, pd.DataFrame(rows))


def _within(runs: list[pd.DataFrame], axis: str, budget: float) -> float:
    """The mean over seeds of a lane's last train loss within a budget; NaN where a seed has finished no epoch in it or
    ended before."""
    if any(run["ended"].any() and run[axis].max() < budget for run in runs):
        return float("nan")
    return _mean([run[(run[axis] <= budget) & (run["step"] > 0)]["train_loss"].tail(1) for run in runs])


def _epochs_within(runs: list[pd.DataFrame], axis: str, budget: float) -> int:
    """The epochs that a lane had finished within a budget, on the seed with the fewest."""
    return min((int(run[run[axis] <= budget]["epoch"].max()) for run in runs if (run[axis] <= budget).any()), default=0)


def seconds_to(runs: list[pd.DataFrame], goal: float) -> float:
    """The mean over seeds of the training time until the first epoch after which a lane's loss is at most ``goal``; NaN
    where a seed has no such epoch."""
    return _mean([run[(run["train_loss"] <= goal) & (run["step"] > 0)]["seconds"].head(1) for run in runs])


def _mean(values: list[pd.Series]) -> float:
    """The mean over seeds, each of which has one value or none; NaN where one has none."""
    if not values or any(value.empty for value in values):
        return float("nan")
    return float(sum(value.iloc[0] for value in values) / len(values))


@dataclass(frozen=True)
class Verdict:
    """The leader on an axis.

    amount: what all have spent there, in words. reason: what the race's numbers say about it.
    """

    axis: str
    amount: str
    leader: str
    loss: float
    second: str
    second_loss: float
    reason: str


def verdicts(board: Board) -> list[Verdict]:
    """A verdict for each axis on which at least two lanes can be compared and one is ahead."""
    rows = board.rows.set_index("name")
    found = []
    for axis in AXES:
        losses = rows[axis].dropna().sort_values()
        if len(losses) < 2 or not board.leader(axis):
            continue
        first, second = map(str, losses.index[:2])
        unit = AXES[axis].removesuffix("s") if axis == "epoch" and board.budget[axis] == 1 else AXES[axis]
        amount = f"{board.budget[axis]:,.{1 if axis == 'seconds' else 0}f} {unit}"
        reason = _reason(axis, rows, first, board.leader("epoch")) + _standing(axis, rows, board.budget[axis])
        found.append(Verdict(axis, amount, first, losses.iloc[0], second, losses.iloc[1], reason))
    return found


def _standing(axis: str, rows: pd.DataFrame, budget: float) -> str:
    """Sentences that name the lanes that needed less than the budget for all epochs, and those still in warm-up."""
    if axis == "epoch":
        return ""
    through = rows["through"] & (rows[f"all_{axis}"] < budget)
    warming = rows[axis].notna() & rows[f"warming_{axis}"]
    return _sentence(rows.index[through], "through with all epochs before") + _sentence(
        rows.index[warming], "still in warm-up then"
    )


def _sentence(names: Iterable[str], what: str) -> str:
    """The sentence that ``names`` were ``what``, with a space before it; "" where there is no name."""
    *others, last = [_quoted(name) for name in names] or [""]
    whose = f"{', '.join(others)} and {last} were" if others else f"{last} was"
    return f" {whose} {what}." if last else ""


def _reason(axis: str, rows: pd.DataFrame, leader: str, by_epoch: str) -> str:
    """Why ``leader`` leads, as far as the cost of its steps explains it; "" where no lane leads per epoch yet."""
    if not by_epoch:
        return ""
    work, time = rows["step_gradients"], rows["step_ms"]
    if axis == "epoch":
        if work[leader] > 1.05:
            return f"It puts the work of {work[leader]:.1f} gradients into every batch."
        return "It does so with no more work for a batch than its gradient."
    if leader == by_epoch:
        return "It leads per epoch too: its steps are worth what they cost."
    if axis == "seconds":
        return f"Its step takes {time[leader]:.4g} ms here, one of {_quoted(by_epoch)} {time[by_epoch]:.4g} ms."
    return f"It takes {work[by_epoch] / work[leader]:.1f} steps for the operations in one of {_quoted(by_epoch)}."


def _quoted(name: str) -> str:
    """A lane's name in a sentence, quoted if it has a comma that could be read as part of the sentence."""
    return f"“{name}”" if "," in name else name
