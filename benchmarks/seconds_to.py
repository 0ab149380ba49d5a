"""Seconds of training to fixed train losses, lane by lane, of a race that was kept: the shipped recording of the
published benchmark, or the one that is named (``benchmarks/seconds_to.py runs/cuda``)."""

import sys
from pathlib import Path

import pandas as pd

from benchmarks._report import report
from engine.race import load
from engine.race.board import seconds_to
from engine.race.recorded import FOLDER, RECORDINGS

GOALS = (100.0, 80.0, 70.0, 65.0, 60.0, 58.0)


def main() -> None:
    race = load(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / RECORDINGS["tanh"].file)
    points = race.compared
    lanes = [[run for _, run in points[points["lane"] == lane].groupby("seed")] for lane in range(len(race.names))]
    table = pd.DataFrame({f"to {goal:g}": [seconds_to(runs, goal) for runs in lanes] for goal in GOALS}, race.names)
    shown = table.to_string(float_format="{:.1f}".format, na_rep="never")
    start = race.start
    where = f"{start['device']}, {start['threads']} threads, torch {start['torch']}, {race.spec.epochs} epochs"
    report(__file__, [], conditions=f"Of the race recorded on {where}. To the end of the epoch:\n{shown}")


if __name__ == "__main__":
    main()
