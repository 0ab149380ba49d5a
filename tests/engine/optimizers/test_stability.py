"""The catalogue against the laws of first steps and of quadratics."""

from typing import Any

import pytest
import torch

from engine.optimizers import CATALOGUE
from engine.optimizers.gradient import HeavyBall
from tests.engine.optimizers.walk import march, run


@pytest.mark.parametrize(
    ("key", "hyper", "length"),
    [("adam", {"eps": 0}, 1), ("adagrad", {"eps": 0}, 1), ("rmsprop", {"eps": 0}, 10), ("adamax", {"eps": 0}, 1),
     ("amsgrad", {"eps": 0}, 1), ("adamw", {"eps": 0, "weight_decay": 0}, 1), ("lion", {}, 1), ("rprop", {}, 1)],
)  # fmt: skip
def test_first_steps_are_multiples_of_the_rate_whatever_the_gradient(
    key: str, hyper: dict[str, Any], length: float
) -> None:
    points = run(CATALOGUE[key](lr=0.03, **hyper), [3.0, -0.002], 1, lambda x: (x**2 * torch.tensor([50.0, 0.1])).sum())
    torch.testing.assert_close(points[0] - points[1], 0.03 * length * torch.tensor([1.0, -1.0], dtype=torch.float64))


LIMITS = [
    ("sgd", {}, 2.0),
    ("momentum", {"momentum": 0.9}, 3.8),
    ("momentum", {"momentum": 0.5, "dampening": 0.6}, 7.5),
    ("nesterov", {"momentum": 0.9}, 3.8 / 2.8),
    ("nesterov", {"momentum": 0.4}, 2.8 / 1.8),
]


@pytest.mark.parametrize(("key", "hyper", "limit"), LIMITS)
def test_below_the_stability_limit_a_quadratic_converges_and_above_it_diverges(
    key: str, hyper: dict[str, Any], limit: float
) -> None:
    assert CATALOGUE[key](**hyper).stable_below() == pytest.approx(limit)
    curvature = 7.0
    below, above = (
        run(
            CATALOGUE[key](lr=margin * limit / curvature, **hyper),
            [1.0],
            1500,
            lambda x: curvature / 2 * x.square().sum(),
        )
        for margin in (0.99, 1.01)
    )
    assert below[-1].abs() < 1e-9
    assert above[-1].abs() > 1e9


@pytest.mark.parametrize("margin", [0.97, 1.03])
def test_adam_with_a_frozen_preconditioner_is_stable_below_2_plus_2b_over_1_minus_b(margin: float) -> None:
    point = torch.tensor([1e-12], dtype=torch.float64, requires_grad=True)
    curvature, preconditioner = 7.0, 3.0
    optimizer = CATALOGUE["adam"].build([point], lr=margin * 38 * preconditioner / curvature, beta2=0.999999, eps=0)
    optimizer.state[point] = {
        "step": torch.tensor(1e9),  # so late that no bias correction is left
        "exp_avg": torch.zeros_like(point),
        "exp_avg_sq": torch.full_like(point, preconditioner**2),
    }
    growth = march(optimizer, point, 100, lambda x: curvature / 2 * x.square().sum())[-1].abs() / 1e-12
    assert growth > 1e9 if margin > 1 else growth < 0.1


@pytest.mark.parametrize("key", [key for key in CATALOGUE if key not in ("sgd", "momentum", "nesterov")])
def test_no_limit_is_claimed_where_there_is_no_law(key: str) -> None:
    assert CATALOGUE[key].plain().stable_below() is None


@pytest.mark.parametrize("key", ["sgd", "momentum", "nesterov"])
def test_weight_decay_adds_to_the_curvature_so_that_no_limit_holds_for_the_curvature_alone(key: str) -> None:
    assert CATALOGUE[key].plain().but(weight_decay=0.1).stable_below() is None


def test_a_fully_dampened_momentum_has_no_limit() -> None:
    assert HeavyBall(dampening=1).stable_below() is None
