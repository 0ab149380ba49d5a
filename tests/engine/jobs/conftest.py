"""An outside cluster, apps on it or on their own, and walks that can be held."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.jobs import Limits
from engine.jobs.local_cluster import LocalCluster
from tests.engine.jobs.ground import App, OpenApp, Walk
from tests.engine.jobs.slow_work import WalkSpec


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the outside cluster's worker has its temporary files."""
    return tmp_path_factory.mktemp("host")


@pytest.fixture(scope="session")
def host(beside: Path) -> Iterator[LocalCluster]:
    """A cluster, to be the outside one of many apps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(beside))
        host = LocalCluster(Limits(threads=1), beside / "dask")
    yield host
    host.close()


@pytest.fixture
def outside(host: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apps use the outside cluster."""
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", host.address)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apps use their own cluster."""
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)


@pytest.fixture(params=["own", "outside"])
def either(request: pytest.FixtureRequest) -> None:
    """Once with apps on their own cluster, once on the outside one."""
    request.getfixturevalue(request.param)


@pytest.fixture
def open_app(tmp_path: Path) -> Iterator[OpenApp]:
    """``open_app(folder="app", **limits)``: an app on that folder; closed in the end at the latest."""
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
    """``walk(held=False, **settings)``: a walk's spec; unless ``held``, it does not wait for leave to step."""

    def walk(held: bool = False, **settings: Any) -> WalkSpec:
        if not held:
            (path / "open").touch()
        return WalkSpec(folder=str(path), **settings)

    return walk
