"""Clusters, apps that use them, and a job that a test can pause."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.jobs import Limits
from engine.jobs.local_cluster import LocalCluster
from tests.engine.jobs.app import App, OpenApp, Walk
from tests.engine.jobs.slow_work import WalkSpec

ADDRESS = "DASK_SCHEDULER_ADDRESS"


@pytest.fixture(scope="session")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for temporary files of the outside cluster's worker."""
    return tmp_path_factory.mktemp("worker")


@pytest.fixture(scope="session")
def cluster(worker_folder: Path) -> Iterator[LocalCluster]:
    """A cluster that many apps use as the outside cluster."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(worker_folder))
        cluster = LocalCluster(Limits(threads=1), worker_folder / "dask")
    yield cluster
    cluster.close()


@pytest.fixture
def outside(cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let apps use the outside cluster."""
    monkeypatch.setenv(ADDRESS, cluster.address)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let apps use their own cluster."""
    monkeypatch.delenv(ADDRESS, raising=False)


@pytest.fixture(scope="session")
def own_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app with its own cluster, for all tests that leave both alive. While a job runs, its worker may die once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(ADDRESS, raising=False)
        app = App(tmp_path_factory.mktemp("own") / "app", Limits(threads=1, deaths=1))
    yield app
    app.jobs.close()


@pytest.fixture(params=["own", "outside"])
def app(request: pytest.FixtureRequest) -> App:
    """An app. Each test runs twice: with the app on its own cluster, and with the app on the outside cluster."""
    if request.param == "own":
        own_app: App = request.getfixturevalue("own_app")
        return own_app
    request.getfixturevalue("outside")
    open_app: OpenApp = request.getfixturevalue("open_app")
    return open_app()


@pytest.fixture
def open_app(tmp_path: Path) -> Iterator[OpenApp]:
    """``open_app(folder="app", **limits)``: open an app on that folder. It is closed at the end of the test."""
    apps = []

    def open_app(folder: str = "app", **limits: Any) -> App:
        apps.append(App(tmp_path / folder, Limits(**{"threads": 1, "checkpoint_every": 0, **limits})))
        return apps[-1]

    yield open_app
    for app in apps:
        app.jobs.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The folder of a walk's files."""
    path = tmp_path / "walk"
    path.mkdir()
    return path


@pytest.fixture
def walk(path: Path) -> Walk:
    """``walk(held=False, **settings)``: a walk's spec. A walk that is ``held`` waits at each step for permission."""

    def walk(held: bool = False, **settings: Any) -> WalkSpec:
        if not held:
            (path / "open").touch()
        return WalkSpec(folder=str(path), **settings)

    return walk
