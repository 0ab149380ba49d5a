"""A job from its submission to its end: its events, how it stops, and what it survives."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from engine.jobs import QuotaExceeded
from engine.jobs.order import Order
from tests.engine.jobs.app import App, OpenApp, Walk, until
from tests.engine.jobs.slow_work import WALK, WalkSpec, totals


def test_the_events_of_a_job_arrive_complete_and_in_order(app: App, walk: Walk) -> None:
    key = app.submit(walk(steps=40, seed=3))
    status = app.await_state(key, "done")
    numbers = [number for number, _ in app.jobs.events(key)]
    assert (status.state, status.progress, status.reason) == ("done", 1, "")
    assert app.totals(key) == totals(40, seed=3)
    assert numbers == sorted(set(numbers))
    assert app.jobs.events(key, after=numbers[-3]) == app.jobs.events(key)[-2:]
    assert not (app.folder / "work" / key).exists(), "A finished job needs no checkpoints"


@pytest.mark.usefixtures("outside")
def test_a_job_computes_on_the_device_that_it_was_ordered_for(open_app: OpenApp, walk: Walk) -> None:
    """The worker does not resolve "auto" again: it uses the device of the order."""
    app = open_app()
    key = app.submit(walk(steps=1))
    app.await_state(key, "done")
    assert [event["device"] for event in app.events(key, "start")] == ["cpu"]


@pytest.mark.usefixtures("outside")
def test_an_event_replaces_the_earlier_one_with_its_key(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app()
    key = app.submit(walk(held=True))
    app.await_step(key, 0)
    seen = app.jobs.events(key)[-1][0]
    until(lambda: app.jobs.events(key, after=seen))
    (path / "step 0").touch()
    app.await_step(key, 1)
    assert len(app.events(key, "wait")) == 1
    assert app.jobs.status(key).progress == pytest.approx(1 / 6)
    app.jobs.cancel(key)


@pytest.mark.usefixtures("outside")
def test_the_same_order_is_one_job_for_all(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app()
    spec = walk(held=True)
    key = app.submit(spec, "Ada")
    app.await_step(key, 0)
    assert app.submit(spec, "Grace") == key
    (path / "open").touch()
    app.await_state(key, "done")
    assert app.submit(spec, "Emmy") == key
    assert app.jobs.status(key).state == "done", "The result of a finished job is there at once"
    assert len(app.events(key, "start")) == 1
    assert [[job.key for job in app.jobs.find(visitor, WALK)] for visitor in ("Grace", "Alan")] == [[key], []]


def test_other_numbers_are_another_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(spec: WalkSpec, device: str = "cpu", name: str = WALK.name) -> str:
        return Order.of(replace(WALK, name=name), spec, device).key

    keys = [key(WalkSpec()), key(WalkSpec(seed=1)), key(WalkSpec(), "cuda"), key(WalkSpec(), name="another:WORK")]
    monkeypatch.setattr("engine.jobs.order.version", lambda experiment: "a later one")
    keys.append(key(WalkSpec()))
    assert len(set(keys)) == len(keys)


def test_a_cancelled_job_stops_cleans_up_and_can_resume(app: App, path: Path, walk: Walk) -> None:
    for step in range(3):
        (path / f"step {step}").touch()
    spec = walk(held=True)
    key = app.submit(spec)
    app.await_step(key, 3)
    app.jobs.cancel(key)
    app.await_state(key, "cancelled")
    assert (path / "closed").exists(), "The generator's finally blocks ran"
    (path / "open").touch()
    assert app.submit(spec) == key
    app.await_state(key, "done")
    assert app.starts(key) == [0, 2]
    assert app.totals(key) == totals(6)


def test_a_job_whose_worker_is_killed_resumes_from_its_checkpoint(app: App, path: Path, walk: Walk) -> None:
    for step in range(5):
        (path / f"step {step}").touch()
    key = app.submit(walk(held=True, steps=9))
    app.await_step(key, 5)
    os.kill(app.worker(key), signal.SIGKILL)
    (path / "open").touch()
    app.await_state(key, "done")
    assert app.starts(key) == [0, 4]
    assert app.totals(key) == totals(9)


def test_a_job_that_kills_every_worker_is_given_up_alone(own_app: App, walk: Walk) -> None:
    app = own_app
    deadly = app.submit(walk(deaths=2))
    waiting = app.submit(walk(seed=1))
    reason = app.await_state(deadly, "failed").reason
    app.await_state(waiting, "done")
    assert reason == "The worker died 2 times during this run, perhaps because memory ran out."
    assert app.totals(deadly) == totals(3)
    assert app.jobs.status(waiting).state == "done"


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("value", "Mind the step."),
        ("memory", "It ran out of memory."),
        ("stumble", "Stumble: Mind the step."),
        ("disk", "The disk is full. The last checkpoint is kept. The run can continue when there is space again."),
    ],
)
def test_an_error_is_described_for_people(open_app: OpenApp, walk: Walk, error: str, reason: str) -> None:
    app = open_app()
    key = app.submit(walk(error=error))
    assert app.await_state(key, "failed").reason == reason
    assert app.totals(key) == totals(1)


@pytest.mark.usefixtures("outside")
def test_a_job_that_is_ordered_anew_runs_again(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app(per_visitor=1)
    key = app.submit(walk())
    app.await_state(key, "done")
    (path / "open").unlink()
    other = app.submit(walk(held=True, seed=1))
    app.await_step(other, 0)
    with pytest.raises(QuotaExceeded):
        app.submit(walk(held=True), anew=True)
    assert app.jobs.status(key).state == "done" and app.totals(key) == totals(6), "A refused order deletes nothing"
    app.jobs.cancel(other)
    app.await_state(other, "cancelled")
    assert app.submit(walk(held=True), anew=True) == key
    assert not app.events(key)
    app.await_step(key, 0)
    app.submit(walk(held=True), anew=True)
    assert app.starts(key) == [0], "A running job is joined"
    (path / "open").touch()
    app.await_state(key, "done")
    assert app.totals(key) == totals(6)


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"events": 20}, "It sent more than a job may send: 21 events"),
        ({"event_bytes": 500}, "It sent more than a job may send: "),
    ],
)
def test_a_job_ends_at_its_limits(open_app: OpenApp, walk: Walk, limits: dict[str, float], reason: str) -> None:
    app = open_app(**limits)
    key = app.submit(walk(steps=100_000))
    assert app.await_state(key, "failed").reason.startswith(reason)


@pytest.mark.usefixtures("outside")
def test_a_worker_refuses_a_job_of_another_version(
    open_app: OpenApp, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app()
    with monkeypatch.context() as patch:
        patch.setattr("engine.jobs.order.version", lambda experiment: "a later one")
        key = app.submit(walk())
    assert "another version of the engine" in app.await_state(key, "failed").reason
    assert app.jobs.find("Ada", WALK) == [], "This app cannot serve the job"


@pytest.mark.usefixtures("outside")
def test_a_worker_refuses_an_experiment_that_it_does_not_know(open_app: OpenApp, walk: Walk) -> None:
    app = open_app()
    key = app.jobs.submit(replace(WALK, name="tests.engine.jobs.slow_work:ANOTHER"), walk(), "Ada")
    assert "another version of the engine" in app.await_state(key, "failed").reason


@pytest.mark.usefixtures("own")
def test_without_a_cluster_a_job_fails_and_says_so(
    open_app: OpenApp, walk: Walk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    app = open_app()
    key = app.submit(walk())
    assert app.await_state(key, "failed").reason.startswith("No worker can be reached: ")
    assert "No cluster" in caplog.text
    assert app.jobs.status("never heard of").state == "unknown"
