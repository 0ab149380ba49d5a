"""Which lane leads on each axis, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from engine.race.measures import AXES
from engine.race.result import Race


@dataclass(frozen=True)
class Board:
    """A race compared on its three axes.

    budget: axis -> the amount at which lanes are compared. For epochs it is the number that all lanes have finished.
        For seconds and operations it is the amount that the median lane has spent. A lane that needed less for all its
        epochs counts with its last loss.
    goal: the greatest of the lanes' last train losses, without lanes that stopped early. Every other lane has reached
        it, so the times to reach it can be compared.
    rows: one row for each lane, with these columns. name, optimizer.
        epoch, seconds, gradients: the lane's loss at the last point within that axis's budget, as the mean over the
        compared seeds. NaN if the lane stopped early, before the budget was spent.
        warming_seconds, warming_gradients: whether the lane was still in its warm-up at the budget.
        to_goal: seconds until the lane reached the goal.
        train_loss, test_loss: the lane's last losses. NaN if only some of its seeds stopped early.
        all_seconds, all_gradients: all that the lane has spent. through: whether it has finished all epochs.
        step_ms, step_gradients: milliseconds and gradient-equivalents of one step. state, peak: bytes, as in ``Cost``.
        end: why the lane stopped early.
    """

    budget: dict[str, float]
    goal: float
    rows: pd.DataFrame

    def leader(self, axis: str) -> str:
        """The name of the lane with the least train loss within the budget. "" while no lane is ahead."""
        losses = self.rows.set_index("name")[axis].dropna().sort_values()
        level = len(losses) > 1 and losses.iloc[0] == losses.iloc[1]
        return str(losses.index[0]) if len(losses) and not level else ""


def board(race: Race) -> Board:
    """Compare the lanes of a race that may still run."""
    points = race.compared
    whose = zip(points["lane"], points["seed"], strict=True)
    alive = points[pd.Series([run not in race.ends for run in whose], points.index, dtype=bool)]
    spent = alive.groupby(["lane", "seed"])[list(AXES)].max().groupby("lane").min()
    budget = dict.fromkeys(AXES, 0.0)
    if len(spent):
        # The median. Of two middle values it takes the lower one: an amount that a lane has really spent.
        middle = spent.quantile(interpolation="lower")
        budget = {axis: float(middle[axis]) for axis in AXES} | {"epoch": float(spent["epoch"].min())}
    goal = float(alive[alive["step"] > 0].groupby(["lane", "seed"])["train_loss"].last().max())
    rows = []
    for number, (name, lane) in enumerate(zip(race.names, race.spec.lanes, strict=True)):
        own = points[points["lane"] == number]
        runs = [run.assign(ended=(number, seed) in race.ends) for seed, run in own.groupby("seed")]
        last = own[own["step"] > 0].groupby("seed").tail(1)
        if len(runs) > 1 and any(run["ended"].any() for run in runs):
            last = last.assign(train_loss=float("nan"), test_loss=float("nan"))  # the seeds stopped at other epochs
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
    """The mean over seeds of a lane's last train loss within a budget.

    NaN if one seed finished no epoch within the budget, or stopped early before the budget was spent.
    """
    if any(run["ended"].any() and run[axis].max() < budget for run in runs):
        return float("nan")
    return _mean([run[(run[axis] <= budget) & (run["step"] > 0)]["train_loss"].tail(1) for run in runs])


def _epochs_within(runs: list[pd.DataFrame], axis: str, budget: float) -> int:
    """The number of epochs that a lane finished within a budget, on the seed where this number is smallest."""
    return min((int(run[run[axis] <= budget]["epoch"].max()) for run in runs if (run[axis] <= budget).any()), default=0)


def seconds_to(runs: list[pd.DataFrame], goal: float) -> float:
    """The seconds of training until a lane's loss is at most ``goal``, as the mean over seeds.

    Losses are known after each epoch. NaN if the lane does not reach ``goal`` on every seed.
    """
    return _mean([run[(run["train_loss"] <= goal) & (run["step"] > 0)]["seconds"].head(1) for run in runs])


def _mean(values: list[pd.Series]) -> float:
    """The mean over seeds. Each series has one value or none. NaN if a series has none."""
    if not values or any(value.empty for value in values):
        return float("nan")
    return float(sum(value.iloc[0] for value in values) / len(values))


@dataclass(frozen=True)
class Verdict:
    """The leader on an axis.

    amount: the budget on this axis, in words. reason: why this lane leads, from the race's numbers.
    """

    axis: str
    amount: str
    leader: str
    loss: float
    second: str
    second_loss: float
    reason: str


def verdicts(board: Board) -> list[Verdict]:
    """One verdict for each axis on which at least two lanes can be compared and one of them is ahead."""
    rows = board.rows.set_index("name")
    found = []
    for axis in AXES:
        losses = rows[axis].dropna().sort_values()
        if len(losses) < 2 or not board.leader(axis):
            continue
        first, second = map(str, losses.index[:2])
        unit = AXES[axis].word if axis == "epoch" and board.budget[axis] == 1 else AXES[axis].amount
        amount = f"{board.budget[axis]:,.{1 if axis == 'seconds' else 0}f} {unit}"
        reason = _reason(axis, rows, first, board.leader("epoch")) + _standing(axis, rows, board.budget[axis])
        found.append(Verdict(axis, amount, first, losses.iloc[0], second, losses.iloc[1], reason))
    return found


def _standing(axis: str, rows: pd.DataFrame, budget: float) -> str:
    """Sentences that name lanes in a special position.

    These are the lanes that finished all epochs before the budget was spent, and the lanes still in their warm-up.
    """
    if axis == "epoch":
        return ""
    through = rows["through"] & (rows[f"all_{axis}"] < budget)
    warming = rows[axis].notna() & rows[f"warming_{axis}"]
    return _sentence(rows.index[through], "through with all epochs before") + _sentence(
        rows.index[warming], "still in warm-up then"
    )


def _sentence(names: Iterable[str], what: str) -> str:
    """The sentence that ``names`` were ``what``, with a space before it. "" if there are no names."""
    *others, last = [_quoted(name) for name in names] or [""]
    whose = f"{', '.join(others)} and {last} were" if others else f"{last} was"
    return f" {whose} {what}." if last else ""


def _reason(axis: str, rows: pd.DataFrame, leader: str, by_epoch: str) -> str:
    """Why ``leader`` leads, as far as the cost of its steps explains this. "" while no lane leads per epoch."""
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
