"""Verdicts and reasons against the numbers that they mention."""

import math
import re

import numpy as np
import pytest
import torch

from engine.numerals import read_number
from engine.optimizers import Lane
from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import SGD, HeavyBall, Nesterov
from engine.optimizers.signs import Lion
from engine.surfaces import SURFACES, Descent, DescentSpec, Outcome, descend, outcome_table, outcomes

torch.set_num_threads(1)


def end(*lanes: Lane, **settings: object) -> tuple[Outcome, Descent]:
    descent = descend(DescentSpec(lanes=lanes, **settings))
    return outcomes(descent)[0], descent


def numbers(text: str) -> list[float]:
    found = re.findall(r"[-−]?\d+(?:,\d{3})*\.?\d*(?: × 10[⁻⁰¹²³⁴-⁹]+)?", text)
    return [float(read_number(number.replace(",", ""))) for number in found]


def own(formula: str, start: tuple[float, float], lane: Lane, steps: int = 200) -> Outcome:
    return end(lane, surface="own", formula=formula, start=start, steps=steps)[0]


@pytest.mark.parametrize(
    ("surface", "start", "place", "rank"),
    [
        ("booth", (-7, 8), (1, 3), "the global minimum"),
        ("himmelblau", (4, 3), (3, 2), "a global minimum"),
        ("camel3", (2, -1), (1.748, -0.8738), "a local minimum"),
        ("mccormick", (-1, -2), (-0.5472, -1.547), "the global minimum"),
    ],
)
def test_a_minimum_that_was_reached_is_named(
    surface: str, start: tuple[float, float], place: tuple[float, float], rank: str
) -> None:
    outcome, descent = end(LBFGS(line_search="strong-wolfe"), surface=surface, start=start, steps=60)
    assert outcome.verdict == f"reached ({place[0]:.4g}, {place[1]:.4g})"
    assert f"of {rank} after 60 steps" in outcome.reason
    assert math.dist(descent.runs[0].positions[-1], place) < 0.01
    values = [float(SURFACES[surface](torch.tensor(minimum))) for minimum in SURFACES[surface].minima]
    assert ("global" in rank) == (outcome.loss < min(values) + 1e-3)


def test_minima_that_were_only_found_are_not_called_global() -> None:
    lowest = own("x^4 - x^2 + x/5 + y^2", (-1, 1), LBFGS())
    other = own("x^4 - x^2 + x/5 + y^2", (1, 1), LBFGS())
    assert "the lowest minimum found" in lowest.reason and "global" not in lowest.reason
    assert "a minimum" in other.reason and other.loss > lowest.loss


def test_steps_to_tolerance_is_the_first_step_within_it() -> None:
    lanes = (SGD(lr=0.01), HeavyBall(lr=0.005), Adam(lr=0.3), SGD(lr=1e-5))
    descent = descend(DescentSpec(surface="himmelblau", lanes=lanes, steps=200, tolerance=0.05))
    for outcome, run in zip(outcomes(descent), descent.runs, strict=True):
        places = zip(run.columns["x"].tolist(), run.columns["y"].tolist(), strict=True)
        near = [min(math.dist(place, minimum) for minimum in descent.surface.minima) <= 0.05 for place in places]
        assert outcome.to_tolerance == (near.index(True) if any(near) else None)
    assert outcomes(descent)[-1].to_tolerance is None


def test_a_stop_rule_is_mentioned() -> None:
    outcome, descent = end(SGD(lr=0.02), surface="booth", steps=800, stop="gradient", epsilon=1e-3)
    steps = descent.runs[0].steps
    assert steps < 800 and f"after {steps} steps, when the stop rule ended the run" in outcome.reason


@pytest.mark.parametrize(
    ("surface", "start", "kind", "signs"),
    [("saddle", (1.6, 0.0001), "a saddle", (-1, 1)), ("himmelblau", (-0.3, -0.9), "a maximum", (-1, -1))],
)
def test_newton_rests_at_a_saddle_and_at_a_maximum(
    surface: str, start: tuple[float, float], kind: str, signs: tuple[int, int]
) -> None:
    outcome, descent = end(Newton(), surface=surface, start=start, steps=60)
    point = torch.tensor(descent.runs[0].positions[-1])
    spectrum = torch.linalg.eigvalsh(torch.autograd.functional.hessian(SURFACES[surface], point))
    assert outcome.verdict.startswith("rests at")
    assert kind in outcome.reason
    assert tuple(spectrum.sign().tolist()) == signs
    np.testing.assert_allclose(numbers(outcome.reason)[-2:], spectrum, rtol=0.01)


def test_a_run_that_only_passes_a_saddle_slowly_does_not_rest() -> None:
    outcome, descent = end(SGD(lr=0.05), surface="saddle", start=(1.6, 1e-6), steps=120)
    assert math.hypot(*descent.runs[0].positions[-1]) < 0.15
    assert outcome.verdict == "not there yet"


def test_a_run_along_a_gentle_valley_does_not_rest() -> None:
    lane = SGD(lr=1e-4)
    outcome, descent = end(lane, surface="quadratic", condition=10_000, rotation=0, start=(0, 0.02), steps=50)
    assert descent.runs[0].columns["gradient_norm"][-1] < 0.02
    assert outcome.verdict == "not there yet"


def test_a_run_that_weight_decay_holds_on_a_slope_barely_moves() -> None:
    outcome, descent = end(Adam(lr=0.1, weight_decay=0.5), surface="booth", steps=1500)
    run = descent.runs[0]
    penalized = -0.5 * run.positions[-1]  # there the slopes of penalty and loss cancel
    np.testing.assert_allclose(run.gradients[-1], penalized, rtol=1e-4)
    assert outcome.verdict == "barely moves"
    assert f"its gradient is {math.hypot(*penalized):.2g}. Its weight decay pulls back as strongly" in outcome.reason


@pytest.mark.parametrize("formula", ["relu(x) + relu(y)", "exp(-(x^2 + y^2))*-1"])
def test_where_nothing_slopes_a_run_rests_on_a_flat_place(formula: str) -> None:
    outcome = own(formula, (-9, -9), SGD(lr=0.1))
    assert outcome.verdict.startswith("rests at") and "a flat place" in outcome.reason


def test_a_short_run_is_under_way() -> None:
    outcome, descent = end(SGD(lr=0.001), surface="booth", steps=5)
    (x, y), slope = descent.runs[0].positions[-1], descent.runs[0].columns["gradient_norm"][-1]
    assert outcome.verdict == "not there yet"
    assert numbers(outcome.reason) == pytest.approx([x, y, 5, slope], rel=0.05)


def test_a_run_outside_the_domain_has_left_the_picture() -> None:
    outcome, descent = end(Lion(lr=0.5), surface="monkey-saddle", steps=60)
    assert abs(descent.runs[0].positions[-1]).max() > 2
    assert outcome.verdict == "left the window"


def test_a_rate_beyond_the_limit_at_the_nearest_minimum_cannot_settle() -> None:
    outcome, descent = end(SGD(lr=0.02), surface="himmelblau", start=(0, -1), steps=150)
    minimum = torch.tensor(descent.surface.minima[3], dtype=torch.float64)
    largest = float(torch.linalg.eigvalsh(torch.autograd.functional.hessian(descent.surface, minimum))[1])
    assert outcome.verdict == "cannot settle"
    assert outcome.load is not None and outcome.limit is not None
    assert outcome.load == pytest.approx(0.02 * largest) and outcome.load > outcome.limit == 2
    assert f"{outcome.load:.3g}; SGD is stable below 2" in outcome.reason


def test_the_load_is_that_of_the_last_rate() -> None:
    lane = SGD(lr=0.02, schedule="step", phase=0.5, factor=0.1)
    outcome, descent = end(lane, surface="booth", steps=100)
    assert outcome.load == pytest.approx(descent.runs[0].columns["rate"][-1] * 18)
    assert descent.runs[0].columns["rate"][-1] < 0.02


@pytest.mark.parametrize(
    ("surface", "lane"),
    [
        ("himmelblau", SGD(lr=0.05)),
        ("rosenbrock", SGD(lr=0.01)),
        ("rosenbrock", HeavyBall(lr=0.01)),
        ("beale", Nesterov(lr=0.05)),
        ("booth", SGD(lr=0.5)),
        ("styblinski-tang", HeavyBall(lr=0.05)),
        ("goldstein-price", SGD(lr=0.01)),
    ],
)
def test_divergence_names_a_step_from_which_on_rate_times_curvature_exceeds_the_limit(surface: str, lane: Lane) -> None:
    outcome, descent = end(lane, surface=surface, steps=600)
    run = descent.runs[0]
    assert run.diverged and outcome.verdict == f"diverged at step {run.steps + 1}"
    limit, step, load = numbers(outcome.reason)
    loads = [
        lane.lr * float(torch.linalg.eigvalsh(torch.autograd.functional.hessian(descent.surface, point))[1])
        for point in torch.tensor(run.positions)
        if point.abs().max() < 1e30
    ]
    bound = lane.stable_below()
    assert bound is not None and limit == pytest.approx(bound, rel=0.01)
    assert load == pytest.approx(loads[int(step)], rel=0.01)
    assert min(loads[int(step) :]) > bound
    before = [0.0, *loads][int(step)]
    assert before <= bound


@pytest.mark.parametrize("formula", ["log(x) + y^2", "sqrt(x) + y^2"])
def test_a_step_out_of_the_function_s_domain_is_told_from_overflow(formula: str) -> None:
    outcome = own(formula, (0.5, 1), SGD(lr=0.4))
    assert outcome.verdict.startswith("stopped at step") and "the loss is not defined" in outcome.reason
    before, _, after, _ = numbers(outcome.reason)
    assert before > 0 > after


@pytest.mark.parametrize("lane", [SGD(lr=0.1), HeavyBall(lr=0.1), Newton(lr=1.0, saddle_free=True)])
def test_an_endless_fall_is_not_blamed_on_the_rate(lane: Lane) -> None:
    outcome, descent = end(lane, surface="monkey-saddle", steps=1200)
    assert descent.runs[0].diverged and descent.runs[0].columns["loss"][-1] < -1e30
    assert "no lower bound" in outcome.reason and "stable" not in outcome.reason


def test_a_divergence_without_a_law_says_how_far_it_came() -> None:
    outcome, descent = end(Newton(lr=10.0), surface="booth", steps=400)  # its error grows ninefold in each step
    run = descent.runs[0]
    assert run.diverged and outcome.limit is None
    loss, length = numbers(outcome.reason)
    assert loss == pytest.approx(run.columns["loss"][-1], rel=0.01) and loss > 1e300
    assert length == pytest.approx(math.dist(*run.positions[-2:]), rel=0.01)


def test_every_reason_is_a_sentence_and_every_outcome_a_row() -> None:
    lanes = (SGD(lr=0.001), SGD(lr=10), Adam(lr=0.1), Newton(), LBFGS())
    descent = descend(DescentSpec(surface="himmelblau", lanes=lanes, steps=80))
    ends = outcomes(descent)
    assert all(one.reason.endswith(".") and "nan" not in one.reason for one in ends)
    frame = outcome_table(ends)
    assert list(frame["label"]) == [run.label for run in descent.runs]
    assert frame["to_tolerance"].dtype == "Int64" and frame["load"].isna().sum() == 3


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("sqrt(x^2 + y^2)", "a kink, the lowest point near it"),
        ("-sqrt(x^2 + y^2)", "a kink, the highest point near it"),
        ("hypot(x, y) - 2*abs(x)", "a kink:"),
        ("relu(x - 5)", "a flat place"),
    ],
)
def test_a_kink_is_told_from_a_flat_place(formula: str, kind: str) -> None:
    outcome = own(formula, (0, 0), SGD(lr=0.1), steps=20)
    assert outcome.verdict.startswith("rests at (0, 0)") and kind.rstrip(":") in outcome.reason


@pytest.mark.parametrize("formula", ["x^3 + y^3", "x^3 - 3*x*y^2", "x^4 - y^4 + x^3"])
def test_a_smooth_point_without_curvature_is_no_kink(formula: str) -> None:
    assert "kink" not in own(formula, (0, 0), SGD(lr=0.1), 10).reason


def test_a_run_exactly_at_the_limit_cannot_settle() -> None:
    outcome = own("x^2 + y^2", (1, 1), SGD(lr=1.0), 100)
    assert outcome.verdict == "cannot settle" and outcome.load == outcome.limit == 2


def test_a_run_that_left_the_window_is_not_said_to_barely_move() -> None:
    lane = LBFGS(lr=1.0, line_search="strong-wolfe")
    assert own("-x - y", (1, 0.3), lane, 50).verdict == "left the window"
