"""Seconds of training that each lane of a recorded race takes to reach fixed train losses.

The race is the included recording of the published benchmark, or the one of a path: ``benchmarks/seconds_to.py
runs/cuda.json.gz``.
"""

import sys
from pathlib import Path

import pandas as pd

from benchmarks._report import report
from engine.experiment import replay
from engine.race.board import seconds_to
from engine.race.experiments import RACE
from engine.race.recorded import RECORDINGS

GOALS = (100.0, 80.0, 70.0, 65.0, 60.0, 58.0)


def main() -> None:
    race, _ = replay(RACE, Path(sys.argv[1])) if len(sys.argv) > 1 else RECORDINGS["tanh"].replay()
    points = race.compared
    lanes = [[run for _, run in points[points["lane"] == lane].groupby("seed")] for lane in range(len(race.names))]
    table = pd.DataFrame({f"to {goal:g}": [seconds_to(runs, goal) for runs in lanes] for goal in GOALS}, race.names)
    shown = table.to_string(float_format="{:.1f}".format, na_rep="never")
    start = race.start
    where = f"{start['device']}, {start['threads']} threads, torch {start['torch']}, {race.spec.epochs} epochs"
    report(__file__, [], conditions=f"A race recorded on {where}. Seconds to the end of the epoch:\n{shown}")


if __name__ == "__main__":
    main()
