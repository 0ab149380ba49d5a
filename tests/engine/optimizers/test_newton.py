"""Damped Newton is exact on quadratics. It goes to saddles unless it is saddle-free. It survives a bad Hessian."""

import inspect
from typing import Any

import pytest
import torch

from engine.optimizers.newton import DampedNewton
from tests.engine.optimizers.walk import Loss

HESSIAN = torch.tensor([[4.0, 1.0, 0.0], [1.0, 3.0, -0.5], [0.0, -0.5, 2.0]], dtype=torch.float64)
TARGET = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)


def bowl(point: torch.Tensor) -> torch.Tensor:
    return (point - TARGET) @ HESSIAN @ (point - TARGET) / 2


def saddle(point: torch.Tensor) -> torch.Tensor:
    """x^2 / 2 - y^2 / 2 + y^4 / 4: a saddle at 0, minima at y = +-1."""
    x, y = point.unbind()
    return x**2 / 2 - y**2 / 2 + y**4 / 4


def descend(f: Loss, start: list[float], steps: int = 1, **hyper: Any) -> torch.Tensor:
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = DampedNewton([point], **hyper)
    for _ in range(steps):
        optimizer.step(lambda: f(point))
    return point.detach()


@pytest.mark.parametrize("saddle_free", [False, True])
def test_one_step_solves_a_convex_quadratic(saddle_free: bool) -> None:
    torch.testing.assert_close(descend(bowl, [5.0, 5.0, 5.0], saddle_free=saddle_free), TARGET)


def test_the_rate_is_the_share_of_the_way_to_the_solution() -> None:
    start = torch.tensor([5.0, 5.0, 5.0], dtype=torch.float64)
    torch.testing.assert_close(descend(bowl, start.tolist(), lr=0.25), start + 0.25 * (TARGET - start))


def test_plain_newton_goes_to_a_saddle_and_saddle_free_newton_leaves_it_for_a_minimum() -> None:
    torch.testing.assert_close(descend(saddle, [0.4, 0.1], 20), torch.zeros(2, dtype=torch.float64))
    minimum = torch.tensor([0.0, 1.0], dtype=torch.float64)
    torch.testing.assert_close(descend(saddle, [0.4, 0.1], 20, saddle_free=True), minimum)


@pytest.mark.parametrize("saddle_free", [False, True])
def test_a_step_solves_the_damped_system(saddle_free: bool) -> None:
    start = torch.tensor([0.4, 0.1], dtype=torch.float64)
    x, y = start
    gradient, hessian = torch.stack([x, y**3 - y]), torch.diag(torch.stack([torch.ones_like(y), 3 * y**2 - 1]))
    matrix = hessian.abs() if saddle_free else hessian  # diagonal here, so each entry takes its absolute value
    expected = start - 0.5 * torch.linalg.solve(matrix + 0.3 * torch.eye(2, dtype=torch.float64), gradient)
    torch.testing.assert_close(descend(saddle, [0.4, 0.1], lr=0.5, damping=0.3, saddle_free=saddle_free), expected)


def test_under_heavy_damping_the_step_is_gradient_descent_of_rate_lr_over_damping() -> None:
    start = torch.tensor([5.0, 5.0, 5.0], dtype=torch.float64)
    moved = descend(bowl, start.tolist(), damping=1e6) - start
    torch.testing.assert_close(moved, -HESSIAN @ (start - TARGET) / 1e6, rtol=1e-5, atol=0)


def test_parameters_of_several_tensors_are_one_vector_and_keep_their_gradient() -> None:
    matrix = torch.tensor([[5.0, 5.0]], dtype=torch.float64, requires_grad=True)
    vector = torch.tensor([5.0], dtype=torch.float64, requires_grad=True)
    before = torch.full((3,), 5.0, dtype=torch.float64)
    loss = DampedNewton([matrix, vector]).step(lambda: bowl(torch.cat([matrix.flatten(), vector])))
    torch.testing.assert_close(torch.cat([matrix.flatten(), vector]).detach(), TARGET)
    assert matrix.grad is not None and vector.grad is not None
    torch.testing.assert_close(torch.cat([matrix.grad.flatten(), vector.grad]), HESSIAN @ (before - TARGET))
    assert loss == bowl(before)
    assert not loss.requires_grad


def test_a_direction_without_curvature_is_left_alone() -> None:
    moved = descend(lambda point: (point[0] - 3) ** 2 + 2 * point[1], [0.0, 7.0])
    torch.testing.assert_close(moved, torch.tensor([3.0, 7.0], dtype=torch.float64))


def test_a_linear_loss_leaves_the_parameters_where_they_are() -> None:
    assert descend(lambda point: point.sum(), [1.0, 2.0]).tolist() == [1.0, 2.0]


def test_damping_gives_a_linear_loss_a_step() -> None:
    assert descend(lambda point: point.sum(), [1.0, 2.0], damping=4.0).tolist() == [0.75, 1.75]


@pytest.mark.parametrize(
    "f",
    [lambda point: point.log().sum(), lambda point: point.sqrt().sum(), lambda point: (1e3 * point - 1e3).exp().sum()],
    ids=["logarithm", "root", "overflow"],
)
def test_where_the_derivatives_are_not_finite_the_parameters_become_nan(f: Loss) -> None:
    assert descend(f, [0.0, 2.0]).isnan().all()


def test_more_than_one_parameter_group_is_refused() -> None:
    groups: list[dict[str, object]] = [{"params": [torch.zeros(1, requires_grad=True)]} for _ in range(2)]
    with pytest.raises(ValueError, match="one parameter group; got 2"):
        DampedNewton(groups)


def test_its_source_runs_in_a_script_with_torch_alone() -> None:
    imports = "import torch\nfrom collections.abc import Callable, Iterable\n"
    names: dict[str, Any] = {}
    exec(imports + inspect.getsource(DampedNewton), names)
    point = torch.tensor([5.0, 5.0, 5.0], dtype=torch.float64, requires_grad=True)
    names["DampedNewton"]([point]).step(lambda: bowl(point))
    torch.testing.assert_close(point.detach(), TARGET)
