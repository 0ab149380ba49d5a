"""The result so far is the fold of the stored events. It is computed once for all who watch, for each job apart."""

import json
import random
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.events import Event
from engine.experiment import Experiment
from engine.jobs.folding import OVERHEAD, Results
from engine.jobs.store import News, Store
from tests.engine.jobs.app import SECONDS
from tests.engine.jobs.slow_work import WALK, WalkSpec

SPEC = WalkSpec()

OPEN: list[Store] = []


@pytest.fixture(autouse=True)
def closed_stores() -> Iterator[None]:
    """Close the stores that a test has opened."""
    yield
    while OPEN:
        OPEN.pop().close()


class Folding:
    """A store, its results, and a record of each read and each fold. Both wait for ``barrier``."""

    def __init__(self, folder: Path, most_bytes: int = 1_000_000, barrier: threading.Barrier | None = None) -> None:
        self.store = Store(folder)
        OPEN.append(self.store)
        self.results = Results(self.read, most_bytes)
        self.barrier = barrier
        self.texts: list[str] = []
        self.folds: list[int] = []
        """For each fold, the number of its events."""
        self.walk: Experiment[WalkSpec, list[int]] = replace(WALK, fold=self.fold)

    def report(self, key: str, number: int, total: Any, name: str = "") -> None:
        event = {"key": name or f"step {number}", "total": total}
        self.store.append(key, number, json.dumps(event))

    def result(self, key: str) -> list[int]:
        return self.results.result(key, self.walk, SPEC)

    def stored(self, key: str) -> list[int]:
        return [json.loads(text)["total"] for _, text in self.store.events(key, 0).texts]

    def read(self, key: str, after: int) -> News:
        self.meet()
        news = self.store.events(key, after)
        self.texts += [text for _, text in news.texts]
        return news

    def fold(self, spec: WalkSpec, events: Iterable[Event]) -> list[int]:
        self.meet()
        totals = [event["total"] for event in events]
        self.folds.append(len(totals))
        return totals

    def meet(self) -> None:
        if self.barrier:
            self.barrier.wait(SECONDS)


def test_two_jobs_are_read_and_folded_at_the_same_time(tmp_path: Path) -> None:
    folding = Folding(tmp_path, barrier=threading.Barrier(2))
    for number, key in enumerate(("a", "b"), 1):
        folding.report(key, number, number)
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(folding.result, ("a", "b"))) == [[1], [2]]


def test_a_hundred_watchers_of_a_job_read_and_fold_each_event_once(tmp_path: Path) -> None:
    folding = Folding(tmp_path)
    together = threading.Barrier(100)

    def watch(key: str) -> list[int]:
        together.wait(SECONDS)
        return folding.result(key)

    with ThreadPoolExecutor(100) as watchers:
        for batch in range(3):
            for number in (2 * batch + 1, 2 * batch + 2):
                folding.report("a", number, 10 * number)
            results = list(watchers.map(watch, ["a"] * 100))
            assert results[0] == folding.stored("a") and all(result is results[0] for result in results)
    assert folding.folds == [2, 4, 6]
    assert len(folding.texts) == 6


@pytest.mark.parametrize("first", [1, 100], ids=["a machine whose clock is slow", "higher numbers"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_job_that_was_started_over_is_folded_anew(tmp_path: Path, first: int, count: int) -> None:
    folding = Folding(tmp_path)
    for number in (50, 51, 52):
        folding.report("a", number, number, f"step {number - 50}")
    assert folding.result("a") == [50, 51, 52]
    folding.store.forget("a")
    assert folding.result("a") == []
    for number in (50, 51, 52):
        folding.report("a", number, number, f"step {number - 50}")
    folding.result("a")
    folding.store.forget("a")
    for step in range(count):
        folding.report("a", first + step, -step, f"step {step}")
    assert folding.result("a") == [-step for step in range(count)]


def test_the_result_is_the_fold_of_what_is_stored_whatever_happens(tmp_path: Path) -> None:
    """Events are new, replace others or arrive late. Jobs start over. Only a few jobs fit into the memory."""
    folding = Folding(tmp_path, most_bytes=2 * OVERHEAD + 200)
    draw = random.Random(0)
    asked = 0
    for _ in range(2_000):
        key = draw.choice("abcd")
        match draw.randrange(10):
            case 0 | 1 | 2 | 3 | 4:
                folding.report(key, draw.randrange(1_000), draw.randrange(100), f"step {draw.randrange(20)}")
            case 5 if draw.random() < 0.2:
                folding.store.forget(key)
            case _:
                assert folding.result(key) == folding.stored(key)
                asked += 1
    assert len(folding.folds) < asked, "Some results were up to date"


def test_the_job_used_longest_ago_is_dropped_first(tmp_path: Path) -> None:
    folding = Folding(tmp_path, most_bytes=2 * OVERHEAD + 200)
    for key in "abc":
        folding.report(key, 1, 7)
    for key in "abacacb":  # b is dropped for c, and a for b
        assert folding.result(key) == [7]
    assert len(folding.folds) == 4
    folding.result("a")
    assert len(folding.folds) == 5


def test_long_events_take_the_place_of_other_jobs(tmp_path: Path) -> None:
    folding = Folding(tmp_path, most_bytes=3 * OVERHEAD)
    for key in "ab":
        folding.report(key, 1, 7)
        folding.result(key)
    folding.report("b", 2, [0] * OVERHEAD, "a long event")
    for key in "ba":
        assert folding.result(key) == folding.stored(key)
    assert folding.folds == [1, 1, 2, 1]


def test_a_job_larger_than_the_bound_is_kept_while_it_is_used(tmp_path: Path) -> None:
    folding = Folding(tmp_path, most_bytes=10)
    folding.report("a", 1, 7)
    assert folding.result("a") is folding.result("a")
    assert folding.folds == [1]


def test_a_fold_that_fails_is_tried_again(tmp_path: Path) -> None:
    folding = Folding(tmp_path)
    folding.report("a", 1, 7)
    assert folding.result("a") == [7]
    folding.store.append("a", 2, '{"key": "step 2"}')
    for _ in range(2):
        with pytest.raises(KeyError):
            folding.result("a")
    folding.report("a", 3, 8, "step 2")
    assert folding.result("a") == [7, 8]
