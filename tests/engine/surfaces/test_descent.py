"""The step at which a lane ends: stop rules, divergence, and functions that are not finite everywhere."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import cast

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from engine.optimizers import CATALOGUE, SCHEDULES, Lane
from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import SGD, HeavyBall
from engine.optimizers.signs import Rprop
from engine.surfaces import (
    SURFACES,
    DescentSpec,
    Run,
    Surface,
    critical_points,
    descend,
    fitted,
    outcomes,
    terrain,
)
from engine.surfaces.critical import derivatives
from tests.engine.optimizers import walk

torch.set_num_threads(1)

HIMMELBLAU = SURFACES["himmelblau"]
LANES = (SGD(lr=0.01), HeavyBall(lr=0.002), Adam(lr=0.2), LBFGS(lr=1.0), Newton(lr=0.5, saddle_free=True))
COLUMNS = ("x", "y", "loss", "gradient_norm", "distance", "rate")


def own(formula: str, *lanes: Lane, start: tuple[float, float] = (1, 1), steps: int = 30) -> tuple[Run, ...]:
    return descend(DescentSpec(surface="own", formula=formula, start=start, lanes=lanes, steps=steps)).runs


def first(holds: list[bool]) -> int:
    """The index of the first True, or the last index if there is none."""
    return holds.index(True) if True in holds else len(holds) - 1


@pytest.mark.parametrize("stop", ["step", "gradient"])
@pytest.mark.parametrize("epsilon", [0.1, 1e-5])
def test_a_run_ends_at_the_first_point_where_its_stop_rule_holds(stop: str, epsilon: float) -> None:
    spec = DescentSpec(surface="himmelblau", lanes=LANES, steps=70)
    ends = set()
    for run, stopped in zip(descend(spec).runs, descend(spec.but(stop=stop, epsilon=epsilon)).runs, strict=True):
        places = [tuple(place) for place in run.positions.tolist()]
        if stop == "step":
            shares = run.columns["rate"] / run.columns["rate"].max()
            short = [math.dist(a, b) < epsilon * share for (a, b), share in zip(pairwise(places), shares, strict=False)]
            holds = [number >= 10 and all(short[number - 10 : number]) for number in range(len(places))]
        else:
            points = torch.tensor(places, dtype=torch.float64, requires_grad=True)
            (slopes,) = torch.autograd.grad(HIMMELBLAU(points).sum(), points)
            holds = [math.hypot(*slope) < epsilon for slope in slopes.tolist()]
        assert stopped.steps == first(holds)
        assert not stopped.diverged
        ends.add(stopped.steps)
        for name in COLUMNS:
            assert_array_equal(stopped.columns[name], run.columns[name][: stopped.steps + 1])
    assert len(ends) > 2  # the rule ends different lanes at different steps


def test_one_short_step_is_no_rest() -> None:
    """Both signs flip at step 4, so Rprop rests for one step."""
    spec = DescentSpec(
        surface="own", formula="x^2 + y^2", start=(1, 1), stop="step", epsilon=1e-6, lanes=(Rprop(lr=0.3),), steps=400
    )
    run = descend(spec).runs[0]
    lengths = run.columns["step_length"][:-1]
    first = int(np.flatnonzero(lengths < 1e-6)[0])
    assert first < 10 and run.columns["gradient_norm"][first] > 0.1
    assert run.steps > first + 10 and run.columns["gradient_norm"][-1] < 1e-5


@pytest.mark.parametrize("schedule", ["warmup", "cosine", "onecycle"])
def test_a_small_rate_of_the_schedule_is_no_rest(schedule: str) -> None:
    lane = SGD(lr=0.01, schedule=schedule, factor=1e-6)
    spec = DescentSpec(surface="booth", lanes=(lane,), steps=30, stop="step", epsilon=1e-2)
    run = descend(spec).runs[0]
    assert (run.columns["step_length"][:-1] < 1e-2).any()
    assert run.steps == 30 or run.columns["gradient_norm"][-1] * 0.01 < 1e-2


def test_never_runs_all_its_steps_even_at_rest() -> None:
    run = descend(DescentSpec(surface="booth", lanes=(LBFGS(),), steps=90)).runs[0]
    assert run.steps == 90 and run.columns["step_length"][-2] == 0


def test_a_run_that_starts_on_a_minimum_stops_there_by_its_gradient() -> None:
    run = descend(DescentSpec(surface="booth", start=(1, 3), lanes=(SGD(),), stop="gradient")).runs[0]
    assert run.steps == 0 and not run.diverged


def test_the_finite_part_of_a_diverging_run_is_kept() -> None:
    rate, steps = 0.05, 150
    run = descend(DescentSpec(surface="himmelblau", start=(0, -1), lanes=(SGD(lr=rate),), steps=steps)).runs[0]
    x, y, places = 0.0, -1.0, []
    for _ in range(steps + 1):
        try:
            a, b = x * x + y - 11, x + y * y - 7
            row = (x, y, a * a + b * b, 4 * x * a + 2 * b, 2 * a + 4 * y * b)
        except OverflowError:
            break
        if not all(map(math.isfinite, row)):
            break
        places.append((x, y))
        x, y = x - rate * row[3], y - rate * row[4]
    assert run.diverged
    assert run.steps == len(places) - 1 == 8
    np.testing.assert_allclose(run.positions, places, rtol=1e-6)
    assert all(np.isfinite(run.columns[name]).all() for name in COLUMNS)


def test_a_lane_that_breaks_leaves_the_others_as_they_are() -> None:
    broken = (SGD(lr=1000), Newton(lr=1000), LBFGS(lr=1000), Adam(lr=1000))
    spec = DescentSpec(surface="rosenbrock", lanes=LANES, steps=60)
    alone, company = descend(spec).runs, descend(spec.but(lanes=(*broken, *LANES))).runs
    assert company[0].diverged
    for one, other in zip(alone, company[len(broken) :], strict=True):
        for name in COLUMNS:
            assert_array_equal(one.columns[name], other.columns[name])


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_line_search_that_meets_a_nan_ends_its_lane_and_no_other(schedule: str) -> None:
    # torch's own search raises IndexError here: log(x) is NaN below zero while its slope 1/x is not.
    searching = LBFGS(lr=3.0, line_search="strong-wolfe", schedule=schedule)
    point = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer, _ = searching.start(point, 30)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.log(point[0]) + point[1] ** 2
        loss.backward()
        return loss

    def plain_loop() -> None:
        for _ in range(30):
            optimizer.step(cast("Callable[[], float]", closure))  # torch declares a float, but it receives a tensor

    with pytest.raises(IndexError):
        plain_loop()
    broken, going = own("log(x) + y^2", searching, SGD(lr=0.01))
    assert broken.diverged and broken.steps < 30
    assert going.steps == 30 and not going.diverged
    assert_array_equal(going.positions, own("log(x) + y^2", SGD(lr=0.01))[0].positions)


def test_a_fault_of_an_optimizer_on_finite_numbers_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(self: torch.optim.SGD, closure: object = None) -> None:
        raise IndexError("a fault")

    monkeypatch.setattr(torch.optim.SGD, "step", faulty)
    with pytest.raises(IndexError, match="a fault"):
        descend(DescentSpec(lanes=(SGD(),)))


@pytest.mark.parametrize(
    ("formula", "start", "loss"),
    [("log(x) + y", (-1, 1), math.nan), ("sqrt(x - 1) + y^2", (0, 1), math.nan), ("1/x + y", (0, 1), math.inf)],
)
def test_a_start_without_a_finite_loss_is_the_whole_run(formula: str, start: tuple[float, float], loss: float) -> None:
    spec = DescentSpec(surface="own", formula=formula, start=start, lanes=LANES)
    for run in descend(spec).runs:
        assert run.diverged and run.steps == 0
        assert_array_equal(run.positions, [start])
        assert_array_equal(run.columns["loss"], [loss])
    assert {end.verdict for end in outcomes(descend(spec))} == {"undefined at the start"}


HOSTILE = {
    "log(x) + y^2": (1, 1), "sqrt(x) + y^2": (0.5, 1), "1/x + y": (1, 0.5), "1/(x*x + y*y)": (0.1, 0), "x": (0, 0),
    "x^y": (-1, 0.5), "sqrt(x - 5)": (0, 0), "exp(exp(x))": (2, 0), "-exp(x)": (1, 0), "abs(x) + abs(y)": (1, 1),
    "max(x, y)*1e300*1e9": (1, 1), "sign(x) + relu(y)": (1, -1), "-x^2 - y^2": (1, 1), "exp(x^2*y^2)": (1e6, 1e6),
    "tan(x)*y": (1.5, -1), "log(x - 10) + y": (0, 0), "sqrt(x^2 + y^2)": (0, 0),
}  # fmt: skip


@pytest.mark.parametrize("formula", HOSTILE)
@pytest.mark.parametrize("rate", [None, 1000])
def test_no_function_and_no_rate_breaks_a_race(formula: str, rate: float | None) -> None:
    searches = tuple(LBFGS(lr=1, max_iter=n, line_search="strong-wolfe") for n in (1, 20))
    lanes = (*(record.plain() for record in CATALOGUE.values()), *searches)
    lanes = tuple(lane.model_copy(update={"lr": rate}) for lane in lanes) if rate else lanes
    spec = DescentSpec(surface="own", formula=formula, start=HOSTILE[formula], lanes=lanes, steps=6)
    descent = descend(spec)
    table = descent.table()
    assert list(table["lane"].unique()) == [run.label for run in descent.runs]
    value, slope, _ = derivatives(descent.surface, torch.tensor(spec.origin(), dtype=torch.float64))
    begins = bool(value.isfinite() and slope.isfinite().all())
    for run in descent.runs:
        numbers = np.column_stack([run.columns["loss"], run.positions, run.gradients])
        finite = np.atleast_1d(np.isfinite(numbers).all(axis=1))
        assert finite[1:].all() and finite[0] == begins
        assert run.diverged == (run.steps < 6)
    assert len(outcomes(descent)) == len(lanes)
    assert terrain(descent.surface).relief.shape == (101, 101)
    assert np.isfinite(critical_points(descent.surface, descent.surface.domain).points).all()
    fitted(lanes, descent.surface, spec.origin())


@pytest.mark.parametrize("name", SURFACES)
def test_no_rate_breaks_a_surface(name: str) -> None:
    lanes = tuple(record.plain().but(lr=1000) for record in CATALOGUE.values())
    for start in (None, (0, 0), (1e6, -1e6)):
        descent = descend(DescentSpec(surface=name, start=start, lanes=lanes, steps=10))
        assert all(end.reason for end in outcomes(descent))


def test_the_extent_is_that_of_the_runs_that_did_not_diverge() -> None:
    descent = descend(DescentSpec(surface="booth", lanes=(SGD(lr=0.02), SGD(lr=10), Adam(lr=0.2)), steps=200))
    calm = [descent.runs[0], descent.runs[2]]
    assert descent.runs[1].diverged
    for name in ("gradient_norm", "step_length", "distance"):
        values = [value for run in calm for value in run.columns[name].tolist() if value > 0]
        assert descent.extent(name) == (min(values), max(values))
    heights = [value - 0.0 for run in calm for value in run.columns["loss"].tolist() if value > 0]  # Booth's minimum: 0
    assert descent.extent("loss") == (min(heights), max(heights))


def test_where_every_run_diverged_there_is_no_extent() -> None:
    descent = descend(DescentSpec(surface="booth", lanes=(SGD(lr=10),)))
    assert descent.extent("loss") is None


def loop(lane: Lane, f: Surface, steps: int) -> np.ndarray:
    """Positions, losses and gradients of a plain loop, [steps + 1, 5]."""
    rows = []
    for point in walk.run(lane, list(f.start), steps, f):
        value = f(point.requires_grad_())
        (slope,) = torch.autograd.grad(value, point)
        rows.append([*point.tolist(), value.item(), *slope.tolist()])
    return np.array(rows)


@pytest.mark.parametrize(
    "formula", ["abs(x) + abs(y)", "max(abs(x), abs(y))", "tan(x)*y", "sqrt(abs(x)) + abs(y)", "x"]
)
@pytest.mark.parametrize("iterations", [1, 4])
def test_a_search_that_gets_nowhere_is_not_repeated(
    formula: str, iterations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes = (LBFGS(line_search="strong-wolfe", max_iter=iterations), Newton(saddle_free=True))
    spec = DescentSpec(surface="own", formula=formula, lanes=lanes, steps=40)
    expected = [loop(lane, spec.place(), spec.steps) for lane in lanes]
    taken = []
    step: Callable[[torch.optim.LBFGS, Callable[[], float]], object] = torch.optim.LBFGS.step

    def counted(self: torch.optim.LBFGS, closure: Callable[[], float]) -> object:
        taken.append(closure)
        return step(self, closure)

    monkeypatch.setattr(torch.optim.LBFGS, "step", counted)
    for run, rows in zip(descend(spec).runs, expected, strict=True):
        assert_array_equal(np.column_stack([run.positions, run.columns["loss"], run.gradients]), rows)
    assert len(taken) < 20


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_under_every_schedule_every_optimizer_takes_the_plain_loop_s_steps(schedule: str) -> None:
    surface, steps = SURFACES["camel6"], 20
    plain = fitted(tuple(record.plain() for record in CATALOGUE.values()), surface, surface.start)
    lanes = tuple(lane.but(schedule=schedule, phase=0.3, factor=0.2) for lane in plain)
    descent = descend(DescentSpec(surface="camel6", lanes=lanes, steps=steps))
    descend(DescentSpec(surface="booth", lanes=lanes[::-1], steps=5))
    again = descend(DescentSpec(surface="camel6", lanes=lanes[::-1], steps=steps))
    for lane, run, other in zip(lanes, descent.runs, again.runs[::-1], strict=True):
        found = np.column_stack([run.positions, run.columns["loss"], run.gradients])
        assert_array_equal(found, loop(lane, surface, steps), err_msg=run.label)
        assert_array_equal(run.positions, other.positions)
        assert run.steps == steps
