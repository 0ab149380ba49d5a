"""The files and the database rows of a job: what they hold and refuse, and what a worker refuses. No cluster runs."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.events import Checkpoint
from engine.jobs.checkpoint_files import CheckpointFiles
from engine.jobs.clerk import Clerk
from engine.jobs.order import Limits, Order
from engine.jobs.store import Store
from engine.jobs.worker import _run, temporary_folder
from tests.engine.jobs.app import Walk
from tests.engine.jobs.slow_work import WALK


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def test_numbers_rise_while_the_clock_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 7_000_000)
    files = CheckpointFiles(tmp_path / "job")
    assert [files.number() for _ in range(3)] == [7_000, 7_001, 7_002]


def test_files_of_another_machine_stay_in_the_job_s_folder(tmp_path: Path) -> None:
    sent = CheckpointFiles(tmp_path / "sent")
    sent.begin("first")
    sent.keep(Checkpoint("walk", b"state"))
    (name,) = (name for name in sent.files() if name.startswith("walk"))
    here = CheckpointFiles(tmp_path / "room" / "here")
    here.folder.parent.mkdir()
    here.take({f"../{name}": sent.files()[name]})
    assert here.states() == {"walk": b"state"}
    assert not (tmp_path / "room" / name).exists()


def test_a_file_that_was_never_finished_is_not_sent(tmp_path: Path) -> None:
    files = CheckpointFiles(tmp_path / "job")
    files.begin("first")
    files.keep(Checkpoint("walk", b"state"))
    sent = files.files()
    (files.folder / "walk.state.new").write_bytes(b"half of a st")
    assert files.files() == sent


def test_a_worker_does_not_run_what_a_link_cannot_have(tmp_path: Path, walk: Walk) -> None:
    order = replace(Order.of(WALK, walk(), "cpu"), params={"steps": "many"})
    sent: list[dict[str, Any]] = []
    end = _run(order, "first", Limits(), CheckpointFiles(tmp_path / "job"), sent.append, lambda: None, lambda: False)
    assert end[0] == "failed" and "steps = 'many' was not used" in end[1] and not sent


def test_another_user_s_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert temporary_folder().parent == tmp_path
    stranger = os.getuid() + 1
    monkeypatch.setattr("os.getuid", lambda: stranger)
    with pytest.raises(PermissionError, match="somebody else"):
        temporary_folder()


def test_a_clerk_ends_once() -> None:
    clerk, done = Clerk(), list[int]()
    clerk.do(done.append, 1)
    assert clerk.close() and done == [1]
    assert not clerk.close()


def test_progress_is_a_share_and_an_old_report_does_not_turn_it_back(store: Store, walk: Walk) -> None:
    order = Order.of(WALK, walk(), "cpu")
    store.enqueue(order, "first", 0.0)
    for number, told, kept in ((1, 0.5, 0.5), (2, 1.5, 1.0), (3, -0.5, 0.0)):
        store.append(order.key, number, f'{{"progress": {told}}}')
        assert store.status(order.key).progress == kept
    store.append(order.key, 9, '{"key": "step", "progress": 0.7}')
    store.append(order.key, 8, '{"progress": 0.6}')
    assert store.status(order.key).progress == 0.7


def test_the_oldest_visits_are_forgotten(store: Store, walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.jobs.store.MOST_VISITS", 10)
    order = Order.of(WALK, walk(), "cpu")
    store.enqueue(order, "first", 0.0)
    for visitor in range(15):
        store.visit(str(visitor), order.key)
    of = (order.work, order.version)
    assert [bool(store.visited(str(visitor), *of)) for visitor in (0, 4, 5)] == [False, False, True]
