"""Schedules against their written formulas."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.optimizers import SCHEDULES
from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD

RATE, PHASE, FACTOR, STEPS = 0.4, 0.3, 0.2, 20


def rates(name: str, lr: float, phase: float, factor: float, steps: int) -> list[float]:
    """The rate of each step of a run."""
    point = torch.zeros(2, requires_grad=True)
    optimizer, scheduler = SGD(lr=lr, schedule=name, phase=phase, factor=factor).start(point, steps)
    point.grad = torch.zeros(2)
    used = []
    for _ in range(steps):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if scheduler:
            scheduler.step()
    return used


def glide(start: float, end: float, share: float) -> float:
    """The value on the way from start to end along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def one_cycle(t: int) -> float:
    top = round(PHASE * STEPS)
    low = FACTOR * RATE
    return glide(low, RATE, t / top) if t <= top else glide(RATE, low / 1e4, (t - top) / (STEPS - top))


FORMULAS = {
    "constant": lambda t: RATE,
    "step": lambda t: RATE * FACTOR ** (t // round(PHASE * STEPS)),
    "cosine": lambda t: glide(RATE, FACTOR * RATE, t / STEPS),
    "warmup": lambda t: RATE * min(1, FACTOR + (1 - FACTOR) * t / round(PHASE * STEPS)),
    "onecycle": one_cycle,
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rate_of_every_step_is_the_written_formula(name: str) -> None:
    expected = [FORMULAS[name](t) for t in range(STEPS)]
    assert rates(name, RATE, PHASE, FACTOR, STEPS) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_knob_changes_the_rates_exactly_where_the_schedule_says_that_it_uses_it(name: str) -> None:
    plain = rates(name, RATE, PHASE, FACTOR, STEPS)
    used = tuple(
        knob
        for knob, other in (
            ("phase", rates(name, RATE, 0.7, FACTOR, STEPS)),
            ("factor", rates(name, RATE, PHASE, 0.5, STEPS)),
        )
        if other != plain
    )
    assert used == SCHEDULES[name].knobs


@given(
    st.sampled_from(list(SCHEDULES)),
    st.floats(1e-6, 1_000),
    st.floats(1e-6, 1),
    st.floats(1e-6, 1),
    st.integers(1, 60),
)
def test_rates_stay_between_nothing_and_the_rate_on_runs_of_any_length(
    name: str, lr: float, phase: float, factor: float, steps: int
) -> None:
    lane = SGD(lr=lr)
    assert all(0 <= rate <= lane.lr * (1 + 1e-9) for rate in rates(name, lr, phase, factor, steps))


def test_one_cycle_leaves_the_momentum_alone() -> None:
    point = torch.zeros(2, requires_grad=True)
    optimizer, _ = Adam(schedule="onecycle").start(point, 10)
    assert optimizer.param_groups[0]["betas"] == (0.9, 0.999)
