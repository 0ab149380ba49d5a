"""Runs that were computed earlier are reused, and the race is the same as if all runs were computed again."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import SGD, HeavyBall
from engine.surfaces import Descent, DescentSpec, descend
from engine.surfaces.reuse import Reuse

LANES = (SGD(lr=0.01), HeavyBall(lr=0.002), Adam(lr=0.2), LBFGS(lr=1.0), Newton(lr=0.5, saddle_free=True))


def assert_equal(one: Descent, other: Descent) -> None:
    assert one.spec == other.spec
    for left, right in zip(one.runs, other.runs, strict=True):
        assert (left.lane, left.label, left.mark, left.diverged) == (
            right.lane,
            right.label,
            right.mark,
            right.diverged,
        )
        for name, column in left.columns.items():
            assert_array_equal(column, right.columns[name])
        assert_array_equal(left.readout, right.readout)


def test_lanes_run_before_on_the_same_ground_give_the_race_that_a_new_one_gives() -> None:
    spec = DescentSpec(surface="himmelblau", lanes=(*LANES, SGD(lr=0.02)), steps=40, noise=0.3, seed=5)
    before = {run.lane: run for run in descend(spec.but(lanes=(LANES[2], LANES[0]))).runs}
    resumed = descend(spec, before)
    assert_equal(resumed, descend(spec))
    for index in (0, 2):
        assert resumed.runs[index].columns is before[LANES[index]].columns  # no run was computed twice


def test_a_changed_lane_is_the_only_one_that_runs_again() -> None:
    reuse, spec = Reuse(), DescentSpec(surface="booth", lanes=LANES, steps=20)
    first = reuse.descend(spec)
    second = reuse.descend(spec.but(lanes=(*LANES[1:], SGD(lr=0.02))))
    assert_equal(second, descend(second.spec))
    for before, after in zip(first.runs[1:], second.runs, strict=False):
        assert after.columns is before.columns


@pytest.mark.parametrize("change", [{"steps": 21}, {"surface": "beale"}, {"noise": 0.1}, {"stop": "step"}])
def test_any_other_change_runs_every_lane_again(change: dict[str, object]) -> None:
    reuse, spec = Reuse(), DescentSpec(surface="booth", lanes=LANES, steps=20)
    first, second = reuse.descend(spec), reuse.descend(spec.but(**change))
    assert_equal(second, descend(second.spec))
    assert not any(np.shares_memory(a.columns["x"], b.columns["x"]) for a in first.runs for b in second.runs)


def test_a_descent_that_nobody_holds_is_forgotten() -> None:
    reuse, spec = Reuse(), DescentSpec(surface="booth", lanes=LANES[:1], steps=3)
    held, gone = reuse.descend(spec), weakref.ref(reuse.descend(spec.but(steps=4)))
    gc.collect()
    assert gone() is None
    assert reuse.descend(spec).runs[0].columns is held.runs[0].columns


def test_threads_may_descend_at_once() -> None:
    reuse, spec = Reuse(), DescentSpec(surface="himmelblau", lanes=LANES[:3], steps=15)
    specs = [spec.but(lanes=(*LANES[: 1 + n % 3], SGD(lr=0.001 * (n + 1))), noise=0.1 * (n % 3)) for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        for found in pool.map(reuse.descend, specs):
            assert_equal(found, descend(found.spec))
