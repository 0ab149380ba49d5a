"""Fixtures for the races of the tests: a few strokes as images, drawn once, and a path for results."""

from pathlib import Path

import pytest

from engine.data import Images, draw_curves


@pytest.fixture(scope="session")
def strokes() -> Images:
    drawn = draw_curves(240, seed=0)
    return Images(drawn[:200], drawn[200:], "strokes")


@pytest.fixture(autouse=True)
def small_data(strokes: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.race.schedule.load_images", lambda name: strokes)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "race"
