"""The operation that made a number which is not finite is found, and no other one."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.optimizers.watch import Culprit, Watch, watching

ZERO, ONE, LARGE = (torch.tensor([value, 1.0]) for value in (0.0, 1.0, 1e38))


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (lambda: ONE / ZERO, Culprit("div", True)),
        (lambda: ONE.clone().addcdiv_(ONE, ZERO), Culprit("addcdiv", True)),
        (lambda: ZERO.rsqrt() + 1, Culprit("rsqrt", True)),
        (lambda: ONE.clone().div_(0.0), Culprit("div", True)),
        (lambda: (LARGE * LARGE).sqrt(), Culprit("mul", False)),
        (lambda: LARGE / 1e-9, Culprit("div", False)),
        (lambda: torch.log(ZERO - 1), Culprit("log", False)),
        (lambda: ONE + LARGE, None),
    ],
)
def test_the_first_operation_that_breaks_is_named(work: Callable[[], Tensor], expected: Culprit | None) -> None:
    with Watch() as watch:
        work() * 2
    assert watch.culprit == expected


def test_what_was_broken_before_has_no_culprit_here() -> None:
    broken = ONE / ZERO
    with Watch() as watch:
        broken + 1
        with watch.paused():
            ONE / ZERO
    assert watch.culprit is None


@pytest.mark.parametrize(("number", "found"), [(0, False), (1, True), (2, False)])
def test_only_the_chosen_step_is_watched(number: int, found: bool) -> None:
    parameter = torch.tensor([1.0], requires_grad=True)
    optimizer, watch = torch.optim.SGD([parameter], lr=1.0), Watch()
    with watching(optimizer, number, watch):
        for slope in (1.0, 3e38, -1.0):
            parameter.data.fill_(-3e38 if slope > 1 else 0.0)
            parameter.grad = torch.tensor([slope])
            optimizer.step()
    assert (watch.culprit is not None) == found
    assert not watch.on
