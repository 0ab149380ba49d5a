"""A race's paths equal those of a plain loop over the same torch optimizer to the last bit, alone or with others."""

from collections.abc import Callable
from typing import cast

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, LRScheduler, OneCycleLR, StepLR

from engine.optimizers import CATALOGUE, Lane
from engine.optimizers.adaptive import Adam, RMSprop
from engine.optimizers.curvature import LBFGS
from engine.optimizers.gradient import SGD, HeavyBall
from engine.surfaces import SURFACES, DescentSpec, Run, Surface, descend, fitted

STEPS = 60


def plain_loop(
    lane: Lane,
    surface: Surface,
    start: tuple[float, float],
    steps: int,
    schedule: Callable[[torch.optim.Optimizer], LRScheduler] | None = None,
    noise: torch.Tensor | None = None,
) -> torch.Tensor:
    """x, y, loss and gradient before each step and after the last, [steps + 1, 5], computed by torch alone."""
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = type(lane).build([point], **{name: value for name, value in lane if name != "optimizer"})
    scheduler = schedule(optimizer) if schedule else None
    rows = []
    for step in range(steps + 1):

        def loss() -> torch.Tensor:
            return surface(point) if noise is None else surface(point) + noise[step] @ point  # noqa: B023

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            value = loss()
            value.backward()
            return value

        value = surface(point)
        (slope,) = torch.autograd.grad(value, point)
        rows.append([*point.tolist(), value.item(), *slope.tolist()])
        if step == steps:
            break
        if lane.closure == "none":
            closure()
            optimizer.step()
        else:
            whole = closure if lane.closure == "backward" else loss
            optimizer.step(cast("Callable[[], float]", whole))  # torch declares a float, but it receives a tensor
        if scheduler:
            scheduler.step()
    return torch.tensor(rows, dtype=torch.float64)


def assert_same_bits(run: Run, rows: torch.Tensor) -> None:
    found = torch.tensor(
        [
            [*place, loss, *slope]
            for place, loss, slope in zip(run.positions, run.columns["loss"], run.gradients, strict=True)
        ]
    )
    assert torch.equal(found, rows[: len(found)])
    whole = bool(rows[: len(found) + 1].isfinite().all())
    assert (len(found) == len(rows)) == whole


@pytest.fixture(params=["rosenbrock", "himmelblau", "ackley", "styblinski-tang", "plateau", "goldstein-price"])
def surface(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_optimizer_in_company_equals_its_plain_loop(surface: str) -> None:
    place = SURFACES[surface]
    lanes = fitted(tuple(record.plain() for record in CATALOGUE.values()), place, place.start)
    descend(DescentSpec(surface="booth", lanes=lanes[::-1], steps=7))  # an earlier race leaves no trace
    descent = descend(DescentSpec(surface=surface, lanes=lanes, steps=STEPS))
    for run, lane in zip(descent.runs, lanes, strict=True):
        assert_same_bits(run, plain_loop(lane, place, place.start, STEPS))


@pytest.mark.parametrize("lane", [SGD(lr=0.01), Adam(lr=0.1), LBFGS(lr=0.5)], ids=lambda lane: lane.display.label)
def test_an_optimizer_alone_takes_the_path_it_takes_in_company(lane: Lane) -> None:
    alone = descend(DescentSpec(surface="himmelblau", lanes=(lane,), steps=STEPS))
    company = descend(DescentSpec(surface="himmelblau", lanes=(Adam(lr=0.3), lane, SGD(lr=99)), steps=STEPS))
    assert (alone.runs[0].positions == company.runs[1].positions).all()


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("step", lambda optimizer: StepLR(optimizer, step_size=15, gamma=0.2)),
        ("cosine", lambda optimizer: CosineAnnealingLR(optimizer, T_max=STEPS, eta_min=0.2 * 0.01)),
        ("warmup", lambda optimizer: LinearLR(optimizer, start_factor=0.2, total_iters=15)),
        ("onecycle", None),
    ],
)
@pytest.mark.parametrize("record", [SGD, HeavyBall, Adam], ids=lambda record: record.display.label)
def test_a_schedule_is_torchs_scheduler(
    record: type[Lane], name: str, schedule: Callable[[torch.optim.Optimizer], LRScheduler] | None
) -> None:
    lane = record.model_validate({"lr": 0.01, "schedule": name, "phase": 0.25, "factor": 0.2})
    run = descend(DescentSpec(surface="himmelblau", lanes=(lane,), steps=STEPS)).runs[0]
    if schedule is None:
        settings = lane.start(torch.zeros(2, requires_grad=True), STEPS)[1]
        assert isinstance(settings, OneCycleLR)
        assert max(run.columns["rate"]) == pytest.approx(0.01)
        assert run.columns["rate"].argmax() == 15
        return
    surface = SURFACES["himmelblau"]
    assert_same_bits(run, plain_loop(lane, surface, surface.start, STEPS, schedule))


@pytest.mark.parametrize("lane", [SGD(lr=0.01), Adam(lr=0.1), LBFGS(lr=0.3), CATALOGUE["newton"].plain()], ids=str)
def test_noise_is_one_draw_a_step_for_all(lane: Lane) -> None:
    spec = DescentSpec(surface="himmelblau", lanes=(lane, SGD(lr=0.001)), steps=STEPS, noise=2, seed=7)
    draws = torch.empty(STEPS, 2, dtype=torch.float64)
    generator = torch.Generator().manual_seed(7)
    for draw in draws:
        draw.normal_(0, 2, generator=generator)
    surface = spec.place()
    rows = plain_loop(lane, surface, surface.start, STEPS, noise=draws)
    run = descend(spec).runs[0]
    if lane.closure == "none":
        # The loop differentiates the sum, and the race adds the draw to the gradient. They differ only by rounding.
        torch.testing.assert_close(torch.tensor(run.positions), rows[:, :2], rtol=1e-9, atol=1e-9)
    else:
        assert_same_bits(run, rows)


def test_the_same_spec_gives_the_same_table() -> None:
    spec = DescentSpec(noise=1, seed=3, steps=50)
    assert descend(spec).table().equals(descend(spec).table())


def test_the_momentum_of_rmsprop_is_the_velocity_that_moves_it() -> None:
    lane = RMSprop(lr=0.01, momentum=0.9)
    run = descend(DescentSpec(surface="himmelblau", lanes=(lane,), steps=20)).runs[0]
    steps = torch.tensor(run.positions).diff(dim=0)
    torch.testing.assert_close(steps, -0.01 * torch.tensor(run.momenta[:-1]), rtol=1e-9, atol=1e-12)
    assert not descend(DescentSpec(lanes=(RMSprop(lr=0.01),), steps=5)).runs[0].momenta.any()
