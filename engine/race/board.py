"""Who leads, on which axis, and why."""

from dataclasses import dataclass

import pandas as pd

from engine.race.result import Race

AXES = {"epoch": "epochs", "seconds": "seconds", "gradients": "gradients' worth of operations"}
"""What lanes can be compared at equal amounts of, by column of the points, and its unit in words."""


@dataclass(frozen=True)
class Board:
    """A race compared on its three axes.

    budget: by axis, what every lane that has not ended has spent at least: where lanes are compared.
    rows: a row a lane: name, optimizer, its loss within each budget (mean over seeds of the last point inside), the
        last losses, seconds and gradients of a step, bytes of state and peak, and how it ended.
    """

    budget: dict[str, float]
    rows: pd.DataFrame

    def leader(self, axis: str) -> str:
        """The name of the lane with the least train loss within the budget; "" before any has a point."""
        losses = self.rows.set_index("name")[axis].dropna()
        return str(losses.idxmin()) if len(losses) else ""


def board(race: Race) -> Board:
    """Compare the lanes of a race as far as it went."""
    points = race.points
    alive = points[[(lane, seed) not in race.ends for lane, seed in zip(points["lane"], points["seed"], strict=True)]]
    spent = alive.groupby(["lane", "seed"])[list(AXES)].max()
    budget = {axis: float(spent[axis].min()) if len(spent) else 0.0 for axis in AXES}
    rows = []
    for number, (name, lane) in enumerate(zip(race.names, race.spec.lanes, strict=True)):
        own = points[points["lane"] == number]
        runs = [run for _, run in own.groupby("seed")]
        last = own[own["step"] > 0].groupby("seed").tail(1)
        cost = race.costs.get(number, {})
        reasons = [race.ends[number, seed] for lane_, seed in race.ends if lane_ == number]
        rows.append(
            {"name": name, "optimizer": lane.optimizer}
            | {axis: _within(runs, axis, budget[axis]) for axis in AXES}
            | {
                "train_loss": last["train_loss"].mean(),
                "test_loss": last["test_loss"].mean(),
                "step_seconds": (last["seconds"] / last["step"]).mean(),
                "step_gradients": cost.get("flops", float("nan")) / race.start.get("gradient", float("nan")),
                "state": cost.get("state"),
                "peak": cost.get("peak"),
                "end": reasons[0] if reasons else "",
            }
        )
    return Board(budget, pd.DataFrame(rows))


def _within(runs: list[pd.DataFrame], axis: str, budget: float) -> float:
    """The mean over seeds of a lane's last train loss within a budget; NaN where a seed has none but its start."""
    inside = [run[(run[axis] <= budget) & (run["step"] > 0)]["train_loss"] for run in runs]
    if not inside or any(run.empty for run in inside):
        return float("nan")
    return float(sum(run.iloc[-1] for run in inside) / len(inside))


def verdict(race: Race) -> list[str]:
    """A sentence an axis: who leads there, by how much, and the reason that the race's own numbers give."""
    table = board(race)
    rows = table.rows.set_index("name")
    sentences = []
    for axis, (words, reason) in {
        "epoch": ("Per epoch", _work_reason),
        "seconds": ("By the clock", _clock_reason),
        "gradients": ("At equal compute", _compute_reason),
    }.items():
        losses = rows[axis].dropna().sort_values()
        if len(losses) < 2:
            continue
        first, second = map(str, losses.index[:2])
        sentences.append(
            f"**{words}** (after {_amount(table.budget[axis], axis)}) **{first}** leads with a train loss of "
            f"{losses.iloc[0]:.4g}, before {second} with {losses.iloc[1]:.4g}. {reason(rows, first)}"
        )
    return sentences


def _amount(value: float, axis: str) -> str:
    return f"{value:,.3g} {AXES[axis]}" if axis != "gradients" else f"{value:,.0f} {AXES[axis]}"


def _work_reason(rows: pd.DataFrame, leader: str) -> str:
    work = rows["step_gradients"][leader]
    if work > 1.5:
        return f"It puts the work of {work:.1f} gradients into each batch."
    return "It needs no more work for a batch than a gradient."


def _clock_reason(rows: pd.DataFrame, leader: str) -> str:
    time = rows["step_seconds"]
    slowest = str(time.idxmax())
    if slowest == leader:
        return "Its steps take the longest, and are worth it."
    return (
        f"Its step took {1000 * time[leader]:.3g} ms here, {slowest}'s {1000 * time[slowest]:.3g} ms. On a GPU, which "
        "works on many layers at once, the long steps shrink the most."
    )


def _compute_reason(rows: pd.DataFrame, leader: str) -> str:
    work = rows["step_gradients"]
    most = str(work.idxmax())
    if most == leader:
        return "Its steps cost the most operations, and are worth them."
    return f"For one step of {most} it takes {work[most] / work[leader]:.1f} of its own."
