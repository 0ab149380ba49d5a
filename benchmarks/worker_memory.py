"""A worker stays below 1.5 GB in an epoch of all lanes of the published benchmark, run as a job (four minutes).

The turns are short, so that the job resumes from its checkpoints more than once, as a race of hours does.
"""

import re
import tempfile
import threading
from pathlib import Path

import psutil

from benchmarks._report import Figure, report
from engine.jobs import Jobs, Limits
from engine.race import published
from engine.race.experiments import RACE

TURN = 45
"""Seconds of one turn."""


def most() -> float:
    """The most megabytes in RAM that any child process ever had, as Linux reports."""
    sizes = [0.0]
    for process in psutil.Process().children(recursive=True):
        status = Path(f"/proc/{process.pid}/status").read_text()
        sizes += [int(size) / 1000 for size in re.findall(r"VmHWM:\s+(\d+) kB", status)]
    return max(sizes)


def main() -> None:
    spec = published("tanh", epochs=1)
    with tempfile.TemporaryDirectory() as folder:
        jobs = Jobs(Path(folder), Limits(turn=TURN))
        key = jobs.submit(RACE, spec, "a benchmark")
        while jobs.status(key).active:
            threading.Event().wait(1)
        status, peak = jobs.status(key), most()
        jobs.close()
    assert status.state == "done", status
    names = ", ".join(lane.called() for lane in spec.lanes)
    report(__file__, [Figure("The most memory of the worker", peak, "MB", 1_500)], conditions=f"Lanes: {names}.")


if __name__ == "__main__":
    main()
