"""Which lane leads on each axis, or which lanes tie, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from engine.race.measures import AXES
from engine.race.result import Race

TIE = 0.01
"""With one seed, lanes tie if their losses differ by at most this share of the lowest one.

One seed has no band, so a fixed share stands for it. The share is small, because all lanes of a seed start from the
same weights and see the same batches. A larger lead may still be chance: five seeds of the default race give the lanes
bands that are 8 to 12 % wide.
"""

NAMED = 3
"""The most lanes that a tie names one by one."""


@dataclass(frozen=True)
class Board:
    """A race compared on its three axes.

    budget: axis -> the amount at which lanes are compared. For epochs it is the number that all lanes have finished.
        For seconds and operations it is the amount that the median lane has spent. A lane that needed less for all its
        epochs counts with its last loss.
    seeds: the number of compared seeds.
    goal: the greatest of the lanes' last train losses, without lanes that stopped early. Every other lane has reached
        it, so the times to reach it can be compared.
    rows: one row for each lane, with these columns. name, optimizer.
        epoch, seconds, gradients: the lane's loss at the last point within that axis's budget, as the mean over the
        compared seeds. NaN if the lane stopped early, before the budget was spent.
        epoch_low, epoch_high and so on: the least and the greatest of these losses over the seeds.
        trained, trained_epochs: seconds of training, and epochs, until the loss in the column ``seconds``.
        warming_seconds, warming_gradients: whether the lane was still in its warm-up at the budget.
        to_goal: seconds until the lane reached the goal.
        train_loss, test_loss: the lane's last losses. NaN if only some of its seeds stopped early.
        all_seconds, all_gradients: all that the lane has spent. through: whether it has finished all epochs.
        step_ms, step_gradients: milliseconds and gradient-equivalents of one step. state, peak: bytes, as in ``Cost``.
        end: why the lane stopped early.
    """

    budget: dict[str, float]
    seeds: int
    goal: float
    rows: pd.DataFrame

    def ranked(self, axis: str) -> pd.DataFrame:
        """The rows of the lanes that can be compared on ``axis``, from the lowest loss to the highest."""
        return self.rows[self.rows[axis].notna()].sort_values(axis, kind="stable")

    def best(self, axis: str) -> pd.DataFrame:
        """The row of the lane with the lowest loss on ``axis``, and the rows of all lanes that tie with it.

        With several seeds, a lane ties if its band overlaps the band of the lane with the lowest loss. A band reaches
        from a lane's least loss to its greatest. With one seed, a lane ties within ``TIE``.
        """
        ranked = self.ranked(axis)
        reach = ranked[f"{axis}_high"] if self.seeds > 1 else ranked[axis] * (1 + TIE)
        best: pd.DataFrame = ranked[ranked[f"{axis}_low"] <= reach.head(1).max()]
        return best

    def leader(self, axis: str) -> str:
        """The name of the lane with the lowest loss on ``axis``. "" if other lanes tie with it."""
        best = self.best(axis)
        return str(best["name"].iloc[0]) if len(best) == 1 else ""


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
        own = own.assign(ended=pd.Series([(number, seed) in race.ends for seed in own["seed"]], own.index, dtype=bool))
        runs = [run for _, run in own.groupby("seed")]
        within = {axis: _within(own, axis, budget[axis]) for axis in AXES}
        last = own[own["step"] > 0].groupby("seed").tail(1)
        if len(runs) > 1 and own["ended"].any():
            last = last.assign(train_loss=float("nan"), test_loss=float("nan"))  # the seeds stopped at other epochs
        cost = race.costs.get(number, {})
        reasons = [
            f"seed {seed}, {reason}" if race.spec.seeds > 1 else reason
            for (lane_, seed), reason in race.ends.items()
            if lane_ == number
        ]
        rows.append(
            {"name": name, "optimizer": lane.optimizer}
            | {axis: last_points["train_loss"].mean() for axis, last_points in within.items()}
            | {f"{axis}_low": last_points["train_loss"].min() for axis, last_points in within.items()}
            | {f"{axis}_high": last_points["train_loss"].max() for axis, last_points in within.items()}
            | {
                f"warming_{axis}": lane.rated() and _epochs_within(runs, axis, budget[axis]) < race.spec.warmup
                for axis in ("seconds", "gradients")
            }
            | {
                "trained": within["seconds"]["seconds"].mean(),
                "trained_epochs": within["seconds"]["epoch"].mean(),
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
    return Board(budget, points["seed"].nunique(), goal, pd.DataFrame(rows))


def _within(own: pd.DataFrame, axis: str, budget: float) -> pd.DataFrame:
    """The last point of a lane within a budget, on each seed.

    Empty if one seed finished no epoch within the budget, or stopped early before the budget was spent.
    """
    last = own[(own[axis] <= budget) & (own["step"] > 0)].groupby("seed").tail(1)
    stopped = own[own["ended"]].groupby("seed")[axis].max() < budget
    return last if len(last) == own["seed"].nunique() and not stopped.any() else last.head(0)


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
    """The lane with the lowest training loss on an axis, or the lanes that tie.

    amount: the budget on this axis. best: the leader and its loss, or the lanes that tie and their losses.
    then: the next lane and its loss. "" after a tie.
    reason: why the leader leads. standing: which lanes had finished earlier, and which were still in their warm-up.
        Both are sentences, or "".
    """

    axis: str
    amount: str
    best: str
    then: str
    reason: str
    standing: str


def verdicts(board: Board) -> list[Verdict]:
    """One verdict for each axis on which at least two lanes can be compared."""
    found = []
    for axis in AXES:
        ranked, best = board.ranked(axis), board.best(axis)
        if len(ranked) < 2:
            continue
        first, then = (
            (f"{quoted(name)} {loss:#.4g}" for name, loss in ranked[["name", axis]].head(2).itertuples(index=False))
            if len(best) == 1
            else (_tie(best["name"].tolist(), [f"{loss:#.4g}" for loss in best[axis]]), "")
        )
        amount = _amount(axis, board.budget[axis])
        found.append(Verdict(axis, amount, first, then, _reason(axis, board), _standing(axis, board)))
    return found


def _tie(names: list[str], losses: list[str]) -> str:
    """The sentence that ``names`` tie at ``losses``, which rise. Beyond ``NAMED`` lanes it names only the first."""
    at = _listed(losses)
    if len(names) > NAMED:
        names, at = [names[0], f"{len(names) - 1} others"], f"{losses[0]} to {losses[-1]}"
    return f"{_listed(names)} tie at {losses[0] if losses[0] == losses[-1] else at}"


def _standing(axis: str, board: Board) -> str:
    """Which lanes finished all epochs before the budget was spent, and which were still in their warm-up."""
    if axis == "epoch":
        return ""
    rows, budget = board.rows, board.budget[axis]
    early = rows[rows["through"] & (rows[f"all_{axis}"] < budget)]
    warming = rows[rows[axis].notna() & rows[f"warming_{axis}"]]
    sentences = []
    if len(early):
        spent = early[f"all_{axis}"]
        after = " to ".join(dict.fromkeys(_number(axis, end) for end in (spent.min(), spent.max())))
        sentences.append(f"{_listed(early['name'])} had already finished after {after} of {_amount(axis, budget)}.")
    if len(warming):
        were = "were" if len(warming) > 1 else "was"
        sentences.append(f"{_listed(warming['name'])} {were} still in warm-up then.")
    return " ".join(sentences)


def _amount(axis: str, value: float) -> str:
    """A ``value`` on an axis with its unit."""
    return f"{_number(axis, value)} {AXES[axis].word if axis == 'epoch' and value == 1 else AXES[axis].amount}"


def _number(axis: str, value: float) -> str:
    """A ``value`` on an axis: seconds with one decimal, or with two digits below 1; others without decimals."""
    if axis == "seconds":
        return f"{value:,.1f}" if value >= 1 else f"{value:.2g}"
    return f"{value:,.0f}"


def _listed(names: Iterable[str]) -> str:
    """One or more ``names``, joined as in a sentence."""
    *others, last = map(quoted, names)
    return f"{', '.join(others)} and {last}" if others else last


def _reason(axis: str, board: Board) -> str:
    """Why a lane leads, as far as the cost of its steps explains this. "" if no lane leads here or per epoch."""
    leader, by_epoch = board.leader(axis), board.leader("epoch")
    if not leader or not by_epoch:
        return ""
    rows = board.rows.set_index("name")
    work, time, name = rows["step_gradients"], rows["step_ms"], quoted(leader)
    if axis == "epoch":
        if work[leader] > 1.05:
            return f"{name} does the work of {work[leader]:.1f} gradients on every batch."
        return f"{name} does the work of only one gradient on every batch."
    if leader == by_epoch:
        return f"{name} leads per epoch too: its steps are worth what they cost."
    if axis == "seconds":
        return f"A step of {name} takes {time[leader]:.4g} ms here, one of {quoted(by_epoch)} {time[by_epoch]:.4g} ms."
    steps = work[by_epoch] / work[leader]
    return f"{name} takes {steps:.1f} steps with the operations of one step of {quoted(by_epoch)}."


def quoted(name: str) -> str:
    """A lane's name in a sentence, quoted if it has a comma that could be read as part of the sentence."""
    return f"“{name}”" if "," in name else name
