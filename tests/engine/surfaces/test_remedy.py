"""A remedy is named only if it works: the race that it names is run again."""

import math
import re

import pytest
import torch

from engine.optimizers import Lane
from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import Newton
from engine.optimizers.gradient import SGD, HeavyBall
from engine.surfaces import DescentSpec, descend, outcomes, remedies

torch.set_num_threads(1)

HIMMELBLAU = DescentSpec(surface="himmelblau", start=(0, -1), steps=300)


def again(spec: DescentSpec) -> tuple[str, int | None]:
    (end,) = outcomes(descend(spec))
    return end.verdict, end.to_tolerance


@pytest.mark.parametrize("lane", [SGD(lr=0.05), HeavyBall(lr=0.05), SGD(lr=0.02)])
def test_a_smaller_rate_is_named_where_it_leads_to_a_minimum(lane: Lane) -> None:
    spec = HIMMELBLAU.but(lanes=(lane,))
    (said,) = remedies(spec)
    found = re.fullmatch(
        r"With the (?:suggested )?rate ([\d.e-]+)(?:, below the limit)?, it (.*) after (\d+) steps?.", said
    )
    assert found, said
    rate = float(found[1])
    limit = lane.stable_below()
    assert limit is not None and rate < lane.lr
    verdict, steps = again(spec.but(lanes=(lane.but(lr=rate),)))
    assert verdict == found[2].replace("reaches", "reached") and steps == int(found[3])


def test_more_steps_are_named_with_their_number_at_the_present_rate() -> None:
    spec = DescentSpec(lanes=(HeavyBall(lr=0.001),), steps=400)
    (said,) = remedies(spec)
    steps = int(said.split(" after ")[1].split()[0])
    assert said.startswith("With more steps, it reaches (1, 1)") and steps > 400
    assert again(spec.but(steps=2_000))[1] == again(spec.but(steps=steps))[1] == steps
    assert again(spec.but(steps=steps - 1))[1] is None


def test_epsilon_is_the_remedy_of_a_division_by_zero() -> None:
    spec = DescentSpec(surface="own", formula="x^2 + y^2", start=(1, 0), lanes=(Adam(lr=0.1, eps=0),))
    assert remedies(spec)[0].startswith("With ε = 1e-08, it reaches (0, 0)")


@pytest.mark.parametrize(
    ("lane", "change", "words"),
    [
        (
            Adam(lr=0.1, schedule="step", phase=0.05, factor=1e-3),
            {"schedule": "constant"},
            "With a constant rate, it reaches (1, 3)",
        ),
        (Adam(lr=0.1, weight_decay=0.5), {"weight_decay": 0}, "Without weight decay, it reaches (1, 3)"),
    ],
)
def test_a_run_that_barely_moves_gets_back_what_keeps_it_from_moving(
    lane: Lane, change: dict[str, object], words: str
) -> None:
    spec = DescentSpec(surface="booth", lanes=(lane,), steps=1500)
    assert again(spec)[0] == "barely moves"
    (said,) = remedies(spec)
    assert said.startswith(words)
    assert again(spec.but(lanes=(lane.but(**change),)))[0] == "reached (1, 3)"


def test_another_start_leads_away_from_a_saddle() -> None:
    spec = DescentSpec(surface="saddle", start=(1.6, 0), lanes=(SGD(lr=0.05),), steps=200)
    (said,) = remedies(spec)
    start = tuple(float(number) for number in re.findall(r"-?[\d.]+", said)[:2])
    assert math.dist(start, (1.6, 0)) < 0.2 and again(spec.but(start=start))[0].startswith("reached")


def test_what_is_not_needed_or_does_not_work_is_not_said() -> None:
    lanes = (SGD(lr=0.01), Newton())
    assert remedies(DescentSpec(surface="booth", lanes=lanes, steps=600)) == ("", "")
    assert remedies(DescentSpec(surface="monkey-saddle", lanes=(SGD(lr=0.01),))) == ("",)


def test_a_rate_that_is_far_too_small_is_raised_when_more_steps_do_not_help() -> None:
    spec = DescentSpec(surface="own", formula="x^2 + y^2", start=(1, 1), lanes=(SGD(lr=1e-5),), steps=100)
    assert remedies(spec)[0].startswith("With the suggested rate")
