"""All sessions share the same results, and results are kept while there is room."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.experiment import Experiment, Recipe
from engine.spec import Spec
from pages.ui.computed import INSTANT, Results, bytes_of, tier


class NumberSpec(Spec):
    number: int = 0


@dataclass
class Pair:
    one: Any
    other: Any


def experiment(run: Callable[[NumberSpec], Any], seconds: float = 1.0) -> Experiment[NumberSpec, Any]:
    return Experiment(
        name="here:EXPERIMENT", spec=NumberSpec, run=run, seconds=lambda _: seconds, recipe=lambda _: Recipe((), (), "")
    )


def test_the_tier_follows_from_the_experiment_s_own_estimate() -> None:
    quick = experiment(lambda spec: spec.number, INSTANT)
    assert tier(quick, NumberSpec()) == "quick"
    assert tier(experiment(lambda spec: spec.number, INSTANT / 2), NumberSpec()) == "instant"
    long = replace(quick, run=None, work=lambda spec, kept: iter(()), fold=lambda spec, events: None)
    assert tier(long, NumberSpec()) == "long"


def test_one_computation_serves_all_who_ask_at_once() -> None:
    begun, may_end, runs = threading.Event(), threading.Event(), []

    def run(spec: NumberSpec) -> list[int]:
        runs.append(spec.number)
        begun.set()
        assert may_end.wait(30)
        return [spec.number]

    results, slow = Results(), experiment(run)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(results.get, slow, NumberSpec(number=3))
        assert begun.wait(30)
        others = [pool.submit(results.get, slow, NumberSpec(number=3)) for _ in range(7)]
        may_end.set()
        found = [future.result(30) for future in (first, *others)]
    assert runs == [3]
    assert all(each is found[0] for each in found)
    assert results.get(slow, NumberSpec(number=3)) is found[0] and runs == [3]


def test_quick_results_take_turns_and_instant_ones_do_not_wait() -> None:
    begun, may_end = threading.Semaphore(0), threading.Event()

    def run(spec: NumberSpec) -> int:
        begun.release()
        assert may_end.wait(30)
        return spec.number

    results, quick = Results(at_once=1), experiment(run)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(results.get, quick, NumberSpec(number=number)) for number in (1, 2)]
        assert begun.acquire(timeout=30)
        instant = replace(experiment(lambda spec: -spec.number, 0.0), name="here:INSTANT")
        assert results.get(instant, NumberSpec(number=1)) == -1
        assert not begun.acquire(blocking=False), "The second computation must wait for its turn"
        may_end.set()
        assert [future.result(30) for future in both] == [1, 2]


def test_a_refusal_reaches_everyone_and_is_not_kept() -> None:
    refusals = iter([ValueError("too much"), None])

    def run(spec: NumberSpec) -> int:
        if error := next(refusals):
            raise error
        return spec.number

    results, picky = Results(), experiment(run)
    with pytest.raises(ValueError, match="too much"):
        results.get(picky, NumberSpec(number=4))
    assert results.get(picky, NumberSpec(number=4)) == 4


def test_a_refusal_reaches_all_who_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, waiting, may_end = threading.Event(), threading.Semaphore(0), threading.Event()

    class Watched(Future[Any]):
        def result(self, timeout: float | None = None) -> Any:
            waiting.release()
            return super().result(timeout)

    def run(spec: NumberSpec) -> None:
        begun.set()
        assert may_end.wait(30)
        raise ValueError("too much")

    monkeypatch.setattr(import_module("pages.ui.computed"), "Future", Watched)
    results, picky = Results(), experiment(run)
    refusals: list[str] = []

    def ask() -> None:
        with pytest.raises(ValueError, match="too much") as caught:
            results.get(picky, NumberSpec())
        refusals.append(str(caught.value))

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
    threads[0].start()
    assert begun.wait(30)
    for thread in threads[1:]:
        thread.start()
        assert waiting.acquire(timeout=30)
    may_end.set()
    for thread in threads:
        thread.join(10)
    assert refusals == ["too much"] * 3


def test_a_result_that_is_too_large_stays_until_the_next_one() -> None:
    runs: list[int] = []

    def run(spec: NumberSpec) -> Any:
        runs.append(spec.number)
        return np.zeros(100)

    results, arrays = Results(room=10), experiment(run)
    for number in (1, 1, 2, 2, 1):
        results.get(arrays, NumberSpec(number=number))
    assert runs == [1, 2, 1]


def test_what_was_used_longest_ago_makes_room() -> None:
    runs: list[int] = []

    def run(spec: NumberSpec) -> Any:
        runs.append(spec.number)
        return np.zeros(100)

    results, arrays = Results(room=2_000), experiment(run)
    for number in (1, 2, 1, 3, 1, 2):  # two results of 800 bytes fit, and 3 replaces 2
        results.get(arrays, NumberSpec(number=number))
    assert runs == [1, 2, 3, 2]


def test_the_size_of_a_result_is_that_of_its_arrays() -> None:
    arrays = {"a": np.zeros(1_000), "b": [np.zeros(10, np.float32)]}
    assert bytes_of(arrays) == 8_040
    assert bytes_of(Pair(np.zeros(1_000), (np.zeros(10),))) == 8_080
    assert bytes_of(pd.DataFrame({"a": np.zeros(1_000)})) >= 8_000
    assert bytes_of("a word") == bytes_of(None) == 64
