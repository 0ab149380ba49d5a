"""The processes that the app starts: they use their share of the machine, and end with the app."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from engine.jobs.local_cluster import ROOT
from engine.optimizers import RACERS
from engine.race import RaceSpec
from engine.race.experiments import RACE
from tests.engine.jobs.app import SECONDS, App, OpenApp, Walk, until
from tests.engine.jobs.slow_work import totals

pytestmark = pytest.mark.usefixtures("own")


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=SECONDS)[1]


def test_the_cluster_starts_with_the_first_job_and_ends_with_the_app(open_app: OpenApp, path: Path, walk: Walk) -> None:
    for step in range(5):
        (path / f"step {step}").touch()
    before = set(psutil.Process().children(recursive=True))
    app = open_app(threads=3)
    assert set(psutil.Process().children(recursive=True)) == before
    key = app.submit(walk(held=True))
    app.await_step(key, 5)
    children = set(psutil.Process().children(recursive=True)) - before
    assert app.worker(key) in {child.pid for child in children}
    assert app.events(key, "start")[0]["threads"] == "3", "The app's own number of threads does not matter"
    ports = [link.laddr.ip for child in children for link in child.net_connections() if link.status == "LISTEN"]
    assert set(ports) == {"127.0.0.1"}
    app.jobs.close()
    assert gone(list(children))
    again = open_app()
    assert again.jobs.status(key).state == "interrupted" and again.totals(key) == totals(5)
    again.submit(walk())
    again.await_state(key, "done")
    assert again.starts(key) == [0, 4]
    assert again.totals(key) == totals(6)


KILLED = """
import sys
from pathlib import Path
from engine.jobs import Limits
from tests.engine.jobs.app import App
from tests.engine.jobs.slow_work import WalkSpec

app = App(Path(sys.argv[1]), Limits(threads=1))
key = app.submit(WalkSpec(folder=sys.argv[2]))
app.await_step(key, 3)
print(key, flush=True)
sys.stdin.read()
"""


def test_the_cluster_ends_when_the_app_is_killed_and_its_jobs_can_resume(
    open_app: OpenApp, tmp_path: Path, path: Path, walk: Walk
) -> None:
    for step in range(3):
        (path / f"step {step}").touch()
    command = [sys.executable, "-c", KILLED, str(tmp_path / "app"), str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        key = first.stdout.readline().strip()
        children = psutil.Process(first.pid).children(recursive=True)
        first.kill()
    assert len(children) >= 2 and gone(children)
    app = open_app("app")
    assert app.jobs.status(key).state == "interrupted"
    assert app.submit(walk()) == key
    app.await_state(key, "done")
    assert app.starts(key) == [0, 2]
    assert app.totals(key) == totals(6)


def test_when_the_cluster_dies_its_jobs_can_resume_on_another(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app()
    for step in range(3):
        (path / f"step {step}").touch()
    key = app.submit(walk(held=True))
    app.await_step(key, 3)
    os.kill(psutil.Process(app.worker(key)).ppid(), signal.SIGKILL)
    assert app.await_state(key, "interrupted").reason
    app.submit(walk())
    app.await_state(key, "done")
    assert app.starts(key) == [0, 2]


def test_a_job_that_takes_too_much_memory_is_stopped_and_says_so(open_app: OpenApp, walk: Walk) -> None:
    """A job whose memory grows step by step is stopped in time. If it grows all at once, its worker is killed."""
    app = open_app(deaths=0, memory=400e6 / psutil.virtual_memory().total)
    for megabytes, words in ((8, "0.4 GB were used"), (400, "The worker died 1 times")):
        reason = app.await_state(app.submit(walk(steps=200, hoard=megabytes)), "failed").reason
        assert reason.startswith("It ran out of memory") and words in reason


def test_a_race_whose_worker_is_killed_ends_with_the_same_numbers(own_app: App) -> None:
    racers: dict[str, Any] = {**RACERS}
    lanes = tuple(racers[key]() for key in ("adam", "kfac", "locopropm"))
    spec = RaceSpec(data="curves", images=500, batch=100, width=0.02, epochs=8, lanes=lanes, look=False)
    app = own_app
    key = app.jobs.submit(RACE, spec, "Ada")
    until(lambda: app.events(key), lambda: app.jobs.status(key))
    first = app.jobs.events(key)[0]
    (worker,) = app.worker_processes()
    until(lambda: any(event.get("epoch") == 2 for event in app.events(key)), lambda: app.jobs.status(key))
    worker.kill()
    app.await_state(key, "done")
    assert first[1]["kind"] == "start" and first not in app.jobs.events(key), "The job was started again"
    resumed, whole = (
        result.table().drop(columns="seconds") for result in (app.jobs.result(RACE, spec), RACE.result(spec))
    )
    pd.testing.assert_frame_equal(resumed, whole, check_exact=True)
