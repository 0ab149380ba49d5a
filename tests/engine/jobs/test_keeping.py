"""What survives when an app or a cluster ends, or when the disk is full."""

# mypy: untyped-calls-exclude="distributed"

import shutil
from pathlib import Path

import pytest
from distributed import Client, Variable

from engine.events import Checkpoint
from engine.jobs.checkpoint_files import CheckpointFiles, parsed
from engine.jobs.local_cluster import LocalCluster
from engine.jobs.order import Limits, Order, topic
from engine.jobs.store import FILE
from engine.jobs.worker import work_on
from tests.engine.jobs.app import SECONDS, OpenApp, Walk, until
from tests.engine.jobs.slow_work import WALK, totals


@pytest.mark.usefixtures("outside")
def test_a_restarted_app_finds_finished_jobs_at_once(open_app: OpenApp, walk: Walk) -> None:
    first = open_app()
    key = first.submit(walk())
    first.await_state(key, "done")
    status, events = first.jobs.status(key), first.jobs.events(key)
    first.jobs.close()
    second = open_app()
    assert second.submit(walk()) == key
    assert second.jobs.status(key) == status
    assert second.jobs.events(key) == events


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "running"])
def test_a_restarted_app_hears_all_that_an_outside_cluster_did_meanwhile(
    open_app: OpenApp, path: Path, walk: Walk, ended: bool
) -> None:
    first = open_app()
    key = first.submit(walk(held=True, steps=40))
    first.await_step(key, 0)
    first.jobs.close()
    for step in range(40 if ended else 30):  # more than the scheduler remembers
        (path / f"step {step}").touch()
    if ended:
        until((path / "closed").exists)
    second = open_app()
    assert second.jobs.status(key).active
    if not ended:
        second.await_step(key, 30)
    (path / "open").touch()
    second.await_state(key, "done")
    assert second.starts(key) == [0], "The running job was joined, not started again"
    assert second.totals(key) == totals(40)


@pytest.mark.usefixtures("outside")
def test_a_connection_that_breaks_is_made_again(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app()
    key = app.submit(walk(held=True))
    app.await_step(key, 0)
    app.jobs._cluster._client.close()
    (path / "open").touch()
    app.await_state(key, "done")
    assert app.starts(key) == [0]
    assert app.totals(key) == totals(6)


def test_an_attempt_that_its_app_has_left_holds_up_no_worker(cluster: LocalCluster, walk: Walk) -> None:
    with Client(cluster.address, set_as_default=False) as client:
        left = client.submit(work_on, Order.of(WALK, walk(held=True), "cpu"), "left", Limits(), None)
        assert left.result(timeout=SECONDS) is None


def test_an_attempt_that_has_ended_is_not_made_again(cluster: LocalCluster, walk: Walk) -> None:
    order = Order.of(WALK, walk(), "cpu")
    name = topic(order.key, "over")
    with Client(cluster.address, set_as_default=False) as client:
        Variable(name, client).set({})
        client.log_event(name, {"end": "done", "reason": ""})
        client.submit(work_on, order, "over", Limits(), None).result(timeout=SECONDS)
        assert [message for _, message in client.get_events(name)] == [{"end": "done", "reason": ""}]
        Variable(name, client).delete()


@pytest.mark.usefixtures("outside")
def test_another_machine_continues_from_the_files_that_were_sent_up(
    open_app: OpenApp, worker_folder: Path, path: Path, walk: Walk
) -> None:
    app = open_app(deaths=1)
    key = app.submit(walk(steps=5, deaths=1, held=True))
    for step in range(3):
        (path / f"step {step}").touch()
    app.await_step(key, 3)
    shutil.rmtree(next(worker_folder.glob(f"gradient-lab-*/*{key}*")))
    (path / "open").touch()
    app.await_state(key, "done")
    assert app.starts(key) == [0, 2]
    assert app.totals(key) == totals(5)


@pytest.mark.usefixtures("cluster")
def test_another_cluster_continues_from_the_copies_at_the_app(
    open_app: OpenApp, cluster: LocalCluster, tmp_path: Path, path: Path, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    passing = LocalCluster(Limits(threads=1), tmp_path / "dask")
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", passing.address)
    first = open_app()
    for step in range(5):
        (path / f"step {step}").touch()
    key = first.submit(walk(held=True))
    first.await_step(key, 5)
    first.jobs.close()
    passing.close()
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
    (path / "open").touch()
    second = open_app()
    second.await_state(key, "done")
    assert second.starts(key) == [0, 4]
    assert second.totals(key) == totals(6)


@pytest.mark.usefixtures("outside")
def test_the_jobs_used_longest_ago_are_deleted(open_app: OpenApp, walk: Walk) -> None:
    app = open_app(kept_bytes=1_500)
    keys = []
    for seed in range(3):
        keys.append(app.submit(walk(seed=seed)))
        app.await_state(keys[-1], "done")
        app.jobs.watch(keys[0])
    assert [app.jobs.status(key).state for key in keys] == ["done", "unknown", "done"]
    assert app.jobs.events(keys[1]) == []
    assert {job.key for job in app.jobs.find("Ada", WALK)} == {keys[0], keys[2]}


@pytest.mark.usefixtures("outside")
def test_a_job_that_stops_stays_however_large_it_is(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app(kept_bytes=10)
    for step in range(3):
        (path / f"step {step}").touch()
    key = app.submit(walk(held=True))
    app.await_step(key, 3)
    app.jobs.cancel(key)
    app.await_state(key, "cancelled")
    (path / "open").touch()
    app.submit(walk())
    app.await_state(key, "done")
    assert app.starts(key) == [0, 2] and app.totals(key) == totals(6)


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("damage", ["all", "a page"])
def test_a_damaged_file_is_moved_aside(open_app: OpenApp, tmp_path: Path, walk: Walk, damage: str) -> None:
    first = open_app()
    first.await_state(first.submit(walk()), "done")
    first.jobs.close()
    file = tmp_path / "app" / FILE
    data = bytearray(file.read_bytes())
    data[0 if damage == "all" else 4096 : 8192] = b"\xff" * (8192 if damage == "all" else 4096)
    file.write_bytes(data)
    second = open_app()
    assert len(second.jobs.notices) == 1 and "damaged" in second.jobs.notices[0]
    assert file.with_name(FILE + ".corrupt").exists()
    second.await_state(second.submit(walk()), "done")


@pytest.mark.usefixtures("outside")
def test_when_the_disk_is_full_jobs_continue_in_memory(open_app: OpenApp, path: Path, walk: Walk) -> None:
    app = open_app()
    spec = walk(held=True, steps=120)
    key = app.submit(spec)
    app.await_step(key, 0)
    full = app.jobs._store._db.execute("PRAGMA page_count").fetchone()[0]
    app.jobs._store._db.execute(f"PRAGMA max_page_count = {full}")
    (path / "open").touch()
    app.await_state(key, "done")
    assert app.totals(key) == totals(120)
    assert app.jobs.notices == [
        "Runs cannot be written to the disk (database or disk is full). They are kept until the app stops."
    ]


@pytest.mark.usefixtures("outside")
def test_an_app_without_a_folder_of_its_own_says_so_and_works(open_app: OpenApp, tmp_path: Path, walk: Walk) -> None:
    (tmp_path / "file").touch()
    first = open_app()
    for app, words in ((open_app(), "Another app keeps its runs in"), (open_app("file/app"), "cannot be written")):
        assert len(app.jobs.notices) == 1 and words in app.jobs.notices[0]
        app.await_state(app.submit(walk(seed=len(words))), "done")
    assert first.jobs.notices == []
    assert first.jobs.find("Ada", WALK) == []


def test_checkpoint_files_survive_a_death_in_the_middle_of_a_line(tmp_path: Path) -> None:
    files = CheckpointFiles(tmp_path / "job")
    assert files.begin("a") == 0
    numbers = [files.add('{"a": 1}'), files.add('{"b": 2}')]
    with (tmp_path / "job" / "events").open("a") as events:
        events.write(f"{numbers[-1] + 5} " + '{"c"')
    after = CheckpointFiles(tmp_path / "job")
    assert [after.begin("a"), after.begin("b")] == [1, 0], "Deaths are counted per attempt"
    assert after.mend() == list(zip(numbers, ['{"a": 1}', '{"b": 2}'], strict=True))
    numbers.append(after.add('{"d": 4}'))
    assert parsed(after.files()) == list(zip(numbers, ['{"a": 1}', '{"b": 2}', '{"d": 4}'], strict=True))
    assert after.count == 3 and after.size == 24 and numbers == sorted(set(numbers))


def test_only_newer_checkpoint_files_are_taken(tmp_path: Path) -> None:
    here, there = CheckpointFiles(tmp_path / "here"), CheckpointFiles(tmp_path / "there")
    for files, states in ((here, [b"1"]), (there, [b"1", b"2"])):
        files.begin("a")
        for state in states:
            files.add("{}")
            files.keep(Checkpoint("../a name/of any kind", state))
    here.take(there.files())
    assert here.states() == {"../a name/of any kind": b"2"}
    assert here.files() == there.files()
    there.keep(Checkpoint("another", b"3"))
    there.take(here.files())
    assert there.states() == {"../a name/of any kind": b"2", "another": b"3"}
