"""The suggested rate suits a first race, on every surface and for every optimizer."""

import numpy as np
import pytest
import torch

from engine.optimizers import CATALOGUE
from engine.optimizers.adaptive import Adadelta, Adam
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import SGD
from engine.surfaces import SURFACES, DescentSpec, Surface, descend, fitted, suggested_rate

torch.set_num_threads(1)


def curvatures(surface: Surface, point: tuple[float, float]) -> torch.Tensor:
    hessian = torch.autograd.functional.hessian(surface, torch.tensor(point, dtype=torch.float64))
    eigenvalues: torch.Tensor = torch.linalg.eigvalsh(hessian)
    return eigenvalues


@pytest.mark.parametrize("name", SURFACES)
def test_every_optimizer_stays_finite_and_descends_at_its_suggested_rate(name: str) -> None:
    surface = SURFACES[name]
    lanes = fitted(tuple(record.plain() for record in CATALOGUE.values()), surface, surface.start)
    (left, right), (low, high) = surface.domain
    convex = bool((curvatures(surface, surface.start) > 0).all())
    for run in descend(DescentSpec(surface=name, lanes=lanes, steps=200)).runs:
        x, y = run.positions.T
        gone = (x < left) | (x > right) | (y < low) | (y > high)
        if surface.minima:
            assert not run.diverged, run.label
        else:  # if the loss has no lower bound, a run leaves the picture and falls until it overflows
            assert not run.diverged or gone.any(), run.label
        # Plain Newton goes to the stationary point of a quadratic model, and so uphill to a saddle or a maximum.
        if not isinstance(run.lane, Newton) or convex:
            assert run.columns["loss"][-1] < run.columns["loss"][0], run.label


def test_a_rate_bound_by_curvature_is_a_quarter_of_its_limit() -> None:
    assert suggested_rate(SGD, SURFACES["quadratic"], (1.0, 1.0)) == pytest.approx(2 / 20 / 4)
    steepest = float(curvatures(SURFACES["rosenbrock"], (-1.5, 2.0))[1])
    assert suggested_rate(SGD, SURFACES["rosenbrock"], (-1.5, 2.0)) == pytest.approx(0.5 / steepest, rel=0.05)


def test_a_rate_that_is_a_length_is_a_hundredth_of_the_diagonal() -> None:
    assert suggested_rate(Adam, SURFACES["booth"], (0.0, 0.0)) == pytest.approx(np.hypot(20, 20) / 100, rel=0.05)


def test_second_order_steps_are_whole_where_their_model_can_be_trusted() -> None:
    for record in (LBFGS, Newton):
        assert suggested_rate(record, SURFACES["himmelblau"], (0.0, 0.0)) == 1
        assert suggested_rate(record, SURFACES["rastrigin"], (1.1, 0.1)) == 1  # inside a dimple
        assert suggested_rate(record, SURFACES["rastrigin"], (0.5, 0.5)) == 0.03  # on a hill between dimples
    assert suggested_rate(Adadelta, SURFACES["rastrigin"], (0.5, 0.5)) == 1


def test_only_the_rates_are_fitted() -> None:
    lanes = (Adam(lr=5, beta1=0.5, schedule="cosine"), LBFGS(line_search="strong-wolfe"))
    surface = SURFACES["booth"]
    for lane, new in zip(lanes, fitted(lanes, surface, surface.start), strict=True):
        assert new == lane.but(lr=suggested_rate(type(lane), surface, surface.start))
