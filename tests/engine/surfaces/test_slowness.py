"""A run that barely moves: the part of its step that is named, against the length that the law of the method gives."""

import math
import re
from typing import Any

import pytest
import torch

from engine.numerals import read_number
from engine.optimizers import CATALOGUE, Lane
from engine.optimizers.adaptive import Adadelta, Adagrad, Adam, Adamax, AdamW, AMSGrad, NAdam
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import ASGD, SGD, HeavyBall, Nesterov
from engine.optimizers.signs import Lion, Rprop
from engine.surfaces import Descent, DescentSpec, descend, outcomes
from engine.surfaces.slowness import last_step

torch.set_num_threads(1)

BOWL = {"formula": "x^2 + y^2", "start": (1, 1)}
PLANE = {"formula": "x + y", "start": (1, 1)}
SLIGHT = {"formula": "(x + y)*1e-5", "start": (1, 1)}
CLIFF = {"formula": "exp(-30*x) + x", "start": (-1, 1), "span": 10}
"""From the cliff, a step of length 1 leads to (0, 1), where the slope is 1 - 30. At the start it is -3e14."""


def slow(lane: Lane, settings: dict[str, Any]) -> tuple[str, Descent]:
    descent = descend(DescentSpec(lanes=(lane,), **{"surface": "own", "steps": 60} | settings))
    (end,) = outcomes(descent)
    assert end.verdict == "barely moves", end.reason
    return end.reason, descent


@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("name", CATALOGUE)
def test_without_a_change_the_last_step_is_the_run_s(name: str, noise: float) -> None:
    descent = descend(DescentSpec(surface="booth", lanes=(CATALOGUE[name].plain(),), steps=12, noise=noise))
    (run,) = descent.runs
    last = last_step(descent, run)
    lengths = run.columns["step_length"][:-1]
    assert last.length() == pytest.approx(lengths[-1], rel=1e-12, abs=0)
    assert last.point.tolist() == (run.positions[-2] if lengths[-1] else run.positions[-1]).tolist()


@pytest.mark.parametrize(
    ("lane", "settings", "said", "length"),
    [
        (SGD(lr=1e-9), BOWL, "Its rate 1e-09 is small. At the suggested rate 0.25,", 0.25 * math.hypot(2, 2)),
        (ASGD(lr=1e-9), BOWL, "Its rate 1e-09 is small. At the suggested rate 0.25,", 0.25 * math.hypot(2, 2)),
        (Adam(lr=1e-9), BOWL, "Its rate 1e-09 is small. At the suggested rate 0.071,", 0.071 * math.sqrt(2)),
        (
            AdamW(lr=0.01, weight_decay=0, schedule="step", phase=0.1, factor=1e-3),
            BOWL,
            "Its schedule has set the rate to 1e-17 here. At the full rate 0.01,",
            0.01 * math.sqrt(2),
        ),
        (
            Adagrad(lr=0.07, lr_decay=1),
            PLANE | {"steps": 2000, "span": 100},
            "Its rate decay has lowered the rate.",
            None,
        ),
        (SGD(lr=0.5, weight_decay=1), PLANE, "Its weight decay pulls back as strongly", 0.5 * math.sqrt(2)),
        (Nesterov(lr=0.1, weight_decay=1), PLANE | {"steps": 900}, "Its weight decay pulls back as strongly", None),
        (Lion(lr=1, weight_decay=1), PLANE, "Its weight decay pulls back as strongly", math.sqrt(2)),
        (SGD(lr=1e-3), {"formula": "x^4 + y^4", "start": (0.015, 0.015)}, "The gradient is small here.", None),
        (HeavyBall(lr=0.1, momentum=0.1, dampening=1), PLANE, "Its dampening 1 keeps the gradient out", None),
        (Adam(lr=1, beta1=0), CLIFF, "the mean of the squared gradients, in which earlier, larger gradients", 1),
        (AMSGrad(lr=1, beta1=0), CLIFF, "the mean of the squared gradients, in which earlier, larger gradients", 1),
        (NAdam(lr=1, beta1=0), CLIFF, "the mean of the squared gradients, in which earlier, larger gradients", 1),
        (Adamax(lr=1, beta1=0), CLIFF, "divides by the largest of its gradients, in which", 1),
        (Adagrad(lr=1), CLIFF, "divides by the root of the sum of all squared gradients, in which", 1),
        (Adam(lr=0.01, eps=1), {"formula": "(x+y)*1e-6"}, "Its ε = 1 makes the step short. With ε = 1e-08,", 0.014),
        (Adadelta(eps=1e-20), BOWL, "Its ε = 1e-20 makes the step short. With ε = 1e-06,", None),
        (
            Rprop(lr=0.1, min_step=0, etaminus=0.001),
            {"formula": "abs(x) + abs(y - 0.3)", "start": (-0.4, 1), "steps": 200},
            "Rprop has shortened its step at each change of the gradient's sign.",
            0.1 * math.sqrt(2),
        ),
        (Newton(lr=1e-3, damping=1e6), BOWL, "Its damping 1e+06 is large beside the curvature.", 1e-3 * math.sqrt(2)),
        (Newton(), PLANE, "Newton's method does not move along a slope without curvature.", math.sqrt(2)),
        (
            LBFGS(line_search="strong-wolfe"),
            {"formula": "abs(x) + 2*abs(y)", "start": (1, 1)},
            "Its line search finds no lower point.",
            None,
        ),
        (LBFGS(), SLIGHT, "L-BFGS rests where its gradient is below 1e-7, or the slope along its step", 1.4e-5),
    ],
)
def test_the_part_that_makes_the_step_small_is_named(
    lane: Lane, settings: dict[str, Any], said: str, length: float | None
) -> None:
    reason, descent = slow(lane, settings)
    assert said in reason
    found = re.search(r"the step would have the length (.*)\.$", reason)
    assert found
    (left, right), _ = descent.surface.domain
    assert read_number(found[1]) > 1e-8 * (right - left)
    assert length is None or read_number(found[1]) == pytest.approx(length, rel=0.05)


def test_a_cause_that_no_single_part_explains_is_not_named() -> None:
    reason, _ = slow(LBFGS(), {"formula": "(x + y)*1e-8", "start": (1, 1)})
    assert reason.endswith("No part of the step is so small by itself, and the cause is not established.")
