"""Which jobs are accepted, which wait, and which are parked to make room for others."""

from pathlib import Path

import pytest

from engine.jobs import QuotaExceeded
from tests.engine.jobs.app import OpenApp, Walk, until
from tests.engine.jobs.slow_work import totals

pytestmark = pytest.mark.usefixtures("outside")


def test_a_visitor_and_all_together_may_have_so_many_jobs(open_app: OpenApp, walk: Walk) -> None:
    app = open_app(per_visitor=2, in_all=3)
    first, second = [app.submit(walk(held=True, seed=seed), "Ada") for seed in (1, 2)]
    with pytest.raises(QuotaExceeded, match="2 of your runs"):
        app.submit(walk(held=True, seed=3), "Ada")
    assert app.submit(walk(held=True, seed=1), "Ada") == first, "To join a job does not count towards the quota"
    third = app.submit(walk(held=True, seed=3), "Grace")
    with pytest.raises(QuotaExceeded, match="3 runs"):
        app.submit(walk(held=True, seed=4), "Emmy")
    app.await_step(first, 0)
    app.jobs.cancel(first)
    app.await_state(first, "cancelled")
    fourth = app.submit(walk(seed=4), "Ada")
    for key in (second, third, fourth):
        app.jobs.cancel(key)


def test_when_all_places_are_taken_a_job_that_nobody_watches_is_parked(open_app: OpenApp, walk: Walk) -> None:
    app = open_app(in_all=2, unwatched=0)
    running, queued = [app.submit(walk(held=True, seed=seed), "Ada") for seed in (1, 2)]
    app.await_step(running, 0)
    others = [app.submit(walk(held=True, seed=seed), "Grace") for seed in (3, 4)]
    assert app.jobs.status(queued).state == "parked"
    app.await_state(running, "parked")
    for key in others:
        app.jobs.cancel(key)


def test_jobs_wait_for_those_before_them(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app(per_visitor=3)
    keys = [app.submit(walk(held=True, seed=seed)) for seed in range(3)]
    app.await_step(keys[0], 0)
    assert [app.jobs.status(key).state for key in keys] == ["running", "queued", "queued"]
    assert [app.jobs.status(key).waiting for key in keys] == [0, 1, 2]
    app.jobs.cancel(keys[1])
    assert app.jobs.status(keys[1]).state == "cancelled", "A queued job is cancelled at once"
    assert app.jobs.status(keys[2]).waiting == 1
    (path / "open").touch()
    app.await_state(keys[2], "done")
    assert app.events(keys[1]) == []
    app.submit(walk(seed=1))
    app.await_state(keys[1], "done")


def test_a_job_that_nobody_watches_is_parked_and_resumes_when_watched(
    open_app: OpenApp, path: Path, walk: Walk
) -> None:
    app = open_app(unwatched=0)
    for step in range(3):
        (path / f"step {step}").touch()
    left = app.submit(walk(held=True))
    app.await_step(left, 3)
    waiting = app.submit(walk(held=True, seed=1))
    app.jobs.watch(waiting)
    app.await_state(left, "parked")
    app.await_step(waiting, 3)
    (path / "open").touch()
    app.await_state(waiting, "done")
    assert not app.jobs.owns(left, "Bob"), "The parked job still belongs to the visitor who started it"
    app.jobs.watch(left)
    app.await_state(left, "done")
    assert app.starts(left) == [0, 2]
    assert app.totals(left) == totals(6)


def test_a_job_whose_turn_is_over_continues_behind_those_that_wait(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app(turn=0)
    first = app.submit(walk(held=True))
    app.await_step(first, 0)
    second = app.submit(walk(held=True, seed=1))
    (path / "open").touch()
    for key, seed in ((first, 0), (second, 1)):
        app.await_state(key, "done")
        assert app.starts(key) == [0, 2, 4, 6], "The job stops at a checkpoint, where no work is lost"
        assert app.totals(key) == totals(6, seed)
    began = [[number for number, event in app.jobs.events(key) if event["kind"] == "start"] for key in (first, second)]
    assert sorted(began[0] + began[1]) == [number for turn in zip(*began, strict=True) for number in turn]


def test_a_job_that_is_watched_stays(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app(unwatched=60)
    running = app.submit(walk(held=True))
    app.await_step(running, 0)
    waiting = app.submit(walk(held=True, seed=1))
    app.jobs.watch(waiting)
    assert not app.jobs.status(running).stopping
    (path / "open").touch()
    app.await_state(waiting, "done")
    assert app.starts(running) == [0]


def test_one_waiting_job_parks_only_one_other(open_app: OpenApp, walk: Walk) -> None:
    app = open_app(per_visitor=3, unwatched=0)
    first, second, waiting = [app.submit(walk(held=True, seed=seed)) for seed in range(3)]
    app.await_step(first, 0)
    with app.deaf():
        app.jobs._store.update(second, state="running")  # as on an outside cluster with two workers
        for _ in range(3):
            app.jobs.watch(waiting)
        assert [app.jobs.status(key).stopping for key in (first, second)].count(True) == 1
        app.jobs._store.update(second, state="queued", wish="")
    for key in (first, second, waiting):
        app.jobs.cancel(key)


@pytest.mark.parametrize("back", ["watch", "submit"])
def test_a_job_continues_when_its_visitor_returns_while_it_stops(
    open_app: OpenApp, path: Path, walk: Walk, back: str
) -> None:
    app = open_app(unwatched=0)
    spec = walk(held=True)
    left = app.submit(spec)
    app.await_step(left, 0)
    waiting = app.submit(walk(held=True, seed=1))
    with app.deaf():
        app.jobs.watch(waiting)
        assert app.jobs.status(left).stopping
        if back == "watch":
            app.jobs.watch(left)
        else:
            app.submit(spec)
        assert not app.jobs.status(left).stopping
    until(lambda: app.jobs.status(left).state == "queued", lambda: app.jobs.status(left))
    (path / "open").touch()
    app.await_state(left, "done")
    assert app.totals(left) == totals(6)


def test_only_the_visitor_who_started_a_job_may_cancel_it(open_app: OpenApp, path: Path, walk: Walk) -> None:
    """Visitors who join a job later only watch it. If the app does not know who started it, anyone may cancel it."""
    first = open_app()
    key = first.submit(walk(held=True), visitor="Ada")
    assert first.submit(walk(held=True), visitor="Bob") == key
    assert first.jobs.owns(key, "Ada") and not first.jobs.owns(key, "Bob")
    first.await_step(key, 0)
    first.jobs.close()
    second = open_app()
    assert second.jobs.owns(key, "Bob")
    (path / "open").touch()
    second.await_state(key, "done")


def test_only_a_job_in_the_queue_waits(open_app: OpenApp, walk: Walk) -> None:
    app = open_app(per_visitor=3)
    keys = [app.submit(walk(held=True, seed=seed)) for seed in range(3)]
    app.await_step(keys[0], 0)
    app.jobs.cancel(keys[2])
    assert app.jobs.status(keys[1]).waiting == 1
    assert app.jobs.status(keys[2]).waiting == 0, "The job was cancelled, and waits for no other job"
    for key in keys[:2]:
        app.jobs.cancel(key)


def test_a_parked_job_finds_no_place_where_all_are_taken_and_can_be_cancelled(open_app: OpenApp, walk: Walk) -> None:
    app = open_app(in_all=2, unwatched=0)
    running, parked = [app.submit(walk(held=True, seed=seed), "Ada") for seed in (1, 2)]
    app.await_step(running, 0)
    others = [app.submit(walk(held=True, seed=seed), "Grace") for seed in (3, 4)]
    app.await_state(running, "parked")
    assert app.jobs.status(parked).state == "parked"
    app.jobs.watch(parked)
    assert app.jobs.status(parked).state == "parked"
    app.jobs.cancel(parked)
    assert app.jobs.status(parked).state == "cancelled"
    for key in others:
        app.jobs.cancel(key)
