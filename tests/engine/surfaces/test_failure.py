"""A run that met a number which is not finite: the sentence names the part that was not finite."""

import math
import re

import pytest
import torch

from engine.optimizers import CATALOGUE, Lane
from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import SGD
from engine.surfaces import Descent, DescentSpec, descend, outcomes
from engine.surfaces.failure import repeat

torch.set_num_threads(1)

BOWL = {"surface": "own", "formula": "x^2 + y^2", "start": (1, 0)}


def ended(lane: Lane, **settings: object) -> tuple[str, str, Descent]:
    descent = descend(DescentSpec(lanes=(lane,), **settings))
    (end,) = outcomes(descent)
    return end.verdict, end.reason, descent


@pytest.mark.parametrize("name", [name for name, record in CATALOGUE.items() if "eps" in record.model_fields])
def test_a_division_by_zero_is_the_optimizer_s_and_not_the_surface_s(name: str) -> None:
    """y and its slope are always 0, so each divisor of y is epsilon alone."""
    lane = CATALOGUE[name].model_validate({"lr": 0.1, "eps": 0})
    verdict, reason, descent = ended(lane, **BOWL)
    assert verdict.startswith("stopped at step")
    assert f"{lane.display.label} divided by a number that is 0 because ε is 0" in reason
    moved = repeat(descent, descent.runs[0]).to
    assert moved.isnan().tolist() == [False, True]
    assert not ended(lane.but(eps=1e-8), **BOWL)[2].runs[0].diverged


def test_a_curvature_that_is_not_finite_is_named() -> None:
    verdict, reason, descent = ended(Newton(), surface="ackley", start=(0, 0))
    assert verdict == "stopped at step 1" and "Newton needs the curvature, which is not finite at (0, 0)" in reason
    point = torch.zeros(2, dtype=torch.float64)
    assert descent.surface(point).isfinite()


@pytest.mark.parametrize("lane", [SGD(lr=0.4), Adam(lr=1.0)])
@pytest.mark.parametrize("formula", ["log(x) + y^2", "sqrt(x) + y^2", "x^0.3*y^2 + x"])
def test_a_step_out_of_the_domain_says_where_it_led(lane: Lane, formula: str) -> None:
    verdict, reason, descent = ended(lane, surface="own", formula=formula, start=(0.3, 1))
    run = descent.runs[0]
    assert verdict == f"stopped at step {run.steps + 1}"
    x, y, there, other = (float(number) for number in re.findall(r"-?\d[\d.e-]*", reason.removesuffix("."))[:4])
    assert (x, y) == pytest.approx(tuple(run.positions[-1]), rel=1e-3)
    assert there < 0 and "There the loss is not defined" in reason
    if isinstance(lane, SGD):
        expected = run.positions[-1] - lane.lr * run.gradients[-1]
        assert (there, other) == pytest.approx(tuple(expected), rel=1e-3)


def test_a_point_that_a_line_search_tried_is_named() -> None:
    verdict, reason, _ = ended(
        LBFGS(lr=3, line_search="strong-wolfe"), surface="own", formula="log(x) + y^2", start=(0.5, 1)
    )
    assert verdict.startswith("stopped at step")
    assert reason == "In the step from (0.5, 1), L-BFGS tried (-1, -0.5). There the loss is not defined."


def test_a_pole_at_the_start_is_told_from_a_missing_value() -> None:
    for formula, said in (("1/x + y", "the loss is infinite"), ("log(x - 1) + y", "the loss is not defined")):
        verdict, reason, _ = ended(SGD(), surface="own", formula=formula, start=(0, 1))
        assert verdict == "undefined at the start" and said in reason


def test_numbers_that_grew_until_they_overflowed_are_a_divergence() -> None:
    verdict, reason, _ = ended(SGD(lr=1.0), steps=40)
    assert verdict.startswith("diverged at step") and "overflowed" in reason


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_last_step_is_repeated_bit_for_bit(noise: float) -> None:
    spec = DescentSpec(surface="himmelblau", lanes=tuple(record.plain() for record in CATALOGUE.values()), steps=12)
    whole, short = descend(spec.but(noise=noise)), descend(spec.but(noise=noise, steps=11))
    for run, cut in zip(whole.runs, short.runs, strict=True):
        if run.lane.schedule == "constant" and run.steps == 12 and math.isfinite(run.columns["loss"][-1]):
            step = repeat(Descent(whole.spec, whole.surface, whole.runs), cut)
            assert step.to.tolist() == run.positions[-1].tolist()
            assert step.culprit is None


def test_a_cone_s_tip_that_is_hit_exactly_is_rest_and_no_failure() -> None:
    verdict, _, descent = ended(SGD(lr=1.0), surface="own", formula="sqrt(x^2 + y^2)", span=5, start=(3, 4))
    run = descent.runs[0]
    assert not run.diverged and (run.positions[-1] == 0).all() and verdict.startswith("rests at (0, 0)")


def test_a_number_that_overflows_inside_a_formula_does_not_stop_the_run() -> None:
    _, _, descent = ended(
        SGD(lr=1.0), surface="own", formula="min(exp(x), 1) + 0.001*x^2 + y^2", span=1000, start=(800, 1)
    )
    run = descent.runs[0]
    assert not run.diverged and run.gradients[0] == pytest.approx([1.6, 2])
    assert run.columns["loss"][-1] < run.columns["loss"][0]


def test_a_failed_step_is_repeated_only_once_for_a_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    descent = descend(DescentSpec(lanes=(Adam(lr=0.1, eps=0),), **BOWL))
    first = outcomes(descent)
    monkeypatch.setattr("engine.surfaces.failure.repeat", lambda *_: pytest.fail("it was repeated"))
    assert outcomes(descent) is first
