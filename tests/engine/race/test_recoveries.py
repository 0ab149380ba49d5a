"""The algorithms that local losses recover: each identity against an independent run of the known algorithm."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from engine.nn import TRANSFERS
from engine.optimizers.inner import INNER
from engine.optimizers.layered import LocoPropLane, LocoPropM, LocoPropS
from engine.optimizers.locoprop import LocoProp
from engine.optimizers.rmsprop import TensorFlowRMSprop
from engine.race.local import LANDWEBER, LANES, LOSSES, PROXIMAL, PUBLISHED, problem, recovers

torch.set_num_threads(1)

WIDTHS = (6, 5, 4, 6)
TRANSFER = ("tanh", "relu", "sigmoid")
GAMMA, RATE = 3.0, 0.02


class Network:
    """A small autoencoder in float64 and its batches. All instances are equal."""

    def __init__(self, transfer: tuple[str, ...] = TRANSFER) -> None:
        generator = torch.Generator().manual_seed(0)
        self.linear = [nn.Linear(inputs, outputs, dtype=torch.float64) for inputs, outputs in pairwise(WIDTHS)]
        for layer in self.linear:
            for parameter in layer.parameters():
                parameter.data.normal_(0, 0.5, generator=generator)
        self.layers = list(zip(self.linear, (TRANSFERS[name] for name in transfer), strict=True))
        self.batches = torch.rand(4, 20, WIDTHS[0], generator=generator, dtype=torch.float64)
        self.parameters = [parameter for layer in self.linear for parameter in layer.parameters()]

    def seen(self, images: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """The loss, each layer's input with a column of ones, and each layer's output, with autograd graphs."""
        rows, inputs, outputs = images, [], []
        for layer, transfer in self.layers:
            inputs.append(nn.functional.pad(rows, (0, 1), value=1.0))
            outputs.append(layer(rows))
            rows = transfer.f(outputs[-1])
        loss = nn.functional.binary_cross_entropy_with_logits(outputs[-1], images, reduction="sum") / len(images)
        return loss, inputs, outputs

    def loss(self, images: Tensor) -> Tensor:
        return self.seen(images)[0]


def composed(lane: LocoPropLane, rate: float = RATE, network: Network | None = None) -> list[nn.Parameter]:
    """The parameters after LocoProp's steps on all batches."""
    network = network or Network()
    optimizer = lane.but(lr=rate).over(network.layers)
    assert isinstance(optimizer, LocoProp)
    for images in network.batches:
        optimizer.step(partial(network.loss, images))
    return network.parameters


def whole(optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer], scale: float = 1.0) -> list[nn.Parameter]:
    """The parameters after ``optimizer``'s steps on ``scale`` times the whole loss, by back-propagation."""
    network = Network()
    run = optimizer(network.parameters)
    for images in network.batches:
        run.zero_grad()
        (scale * network.loss(images)).backward()
        run.step()
    return network.parameters


def preconditioned(move: Callable[[Tensor, Tensor, Tensor], Tensor]) -> list[nn.Parameter]:
    """The parameters after steps of ``move``: (input X, weight with its bias W, slope dL/dW) -> change of W."""
    network = Network()
    for images in network.batches:
        loss, inputs, _ = network.seen(images)
        slopes = torch.autograd.grad(loss, network.parameters)
        for layer, rows, weight, bias in zip(network.linear, inputs, slopes[::2], slopes[1::2], strict=True):
            joined = torch.cat((layer.weight, layer.bias[:, None]), 1).detach()
            change = move(rows.detach(), joined, torch.cat((weight, bias[:, None]), 1))
            layer.weight.data += change[:, :-1]
            layer.bias.data += change[:, -1]
    return network.parameters


def renamed_rmsprop(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """TensorFlow's RMSprop. The initial mean square and eps are divided by gamma squared."""
    optimizer = TensorFlowRMSprop(parameters, lr=RATE, momentum=0.999, decay=0.9, eps=1e-5 / GAMMA**2)
    for parameter in parameters:
        optimizer.state[parameter] = {
            "square": torch.full_like(parameter, GAMMA**-2), "momentum": torch.zeros_like(parameter),
        }  # fmt: skip
    return optimizer


FIRST: dict[str, Callable[[list[nn.Parameter]], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, RATE * GAMMA),
    "momentum": lambda p: torch.optim.SGD(p, RATE * GAMMA, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, RATE * GAMMA, momentum=0.9, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, RATE, eps=1e-10 / GAMMA),
    "adam": lambda p: torch.optim.Adam(p, RATE, eps=1e-8 / GAMMA),
    "rmsprop": renamed_rmsprop,
}


@pytest.mark.parametrize("inner", FIRST)
@pytest.mark.parametrize("local_loss", LOSSES)
@pytest.mark.parametrize("regularizer", [0.0, 0.7])
def test_one_local_step_is_the_inner_optimizer_on_the_whole_loss(
    inner: str, local_loss: Any, regularizer: float
) -> None:
    lane = LANES[local_loss](regularizer=regularizer, inner=inner, steps=1, gamma=GAMMA)
    assert recovers(lane) is not None
    torch.testing.assert_close(composed(lane), whole(FIRST[inner]), rtol=1e-9, atol=1e-10)


def test_every_inner_optimizer_that_steps_has_its_recovery() -> None:
    assert FIRST.keys() == INNER.keys() - {"exact"}


def test_one_step_of_rmsprop_is_tensorflow_s_on_the_loss_times_gamma() -> None:
    wanted = whole(lambda p: TensorFlowRMSprop(p, RATE, momentum=0.999, decay=0.9, eps=1e-5), scale=GAMMA)
    torch.testing.assert_close(composed(LocoPropM(steps=1, gamma=GAMMA)), wanted, rtol=1e-9, atol=1e-10)


EXACT = LocoPropS(regularizer=0.7, inner="exact", gamma=GAMMA)


def test_the_exact_solution_is_k_fac_s_step_with_its_input_factor_alone() -> None:
    def move(rows: Tensor, _: Tensor, slope: Tensor) -> Tensor:
        count, size = rows.shape
        factor, output = rows.T @ rows / count, torch.eye(len(slope), dtype=slope.dtype)
        damped = torch.kron(output, factor + 0.7 / count * torch.eye(size, dtype=slope.dtype))
        solution: Tensor = torch.linalg.solve(damped, slope.flatten())
        return -GAMMA / count * solution.view_as(slope)

    assert recovers(EXACT) is PROXIMAL
    torch.testing.assert_close(composed(EXACT), preconditioned(move))


def test_the_exact_solution_is_proxprop_s_proximal_step_gamma_times() -> None:
    """argmin 1/2 |X V^T - Z|^2 + 1/(2 tau) |V - W|^2 with Z = A - dL/dA, as in the authors' code, by least squares."""
    network, tau = Network(), 1 / 0.7
    for images in network.batches:
        loss, inputs, outputs = network.seen(images)
        slopes = torch.autograd.grad(loss, outputs)
        for layer, rows, output, slope in zip(network.linear, inputs, outputs, slopes, strict=True):
            start = torch.cat((layer.weight, layer.bias[:, None]), 1).detach()
            pull = tau**-0.5 * torch.eye(rows.shape[1], dtype=rows.dtype)
            system = torch.cat((rows, pull)).detach()
            goal = torch.cat((output - slope, pull @ start.T)).detach()
            change = GAMMA * (torch.linalg.lstsq(system, goal).solution.T - start)
            layer.weight.data += change[:, :-1]
            layer.bias.data += change[:, -1]
    torch.testing.assert_close(composed(EXACT), network.parameters)


@pytest.mark.parametrize("schedule", LANDWEBER)
@pytest.mark.parametrize("steps", [2, 5, 10])
@pytest.mark.parametrize("regularizer", [0.0, 0.7])
def test_gradient_descent_on_the_squared_loss_is_landweber_s_iteration(
    schedule: str, steps: int, regularizer: float
) -> None:
    rates = [RATE * (max(1 - j / steps, 0.25) if schedule == "linear" else 1.0) for j in range(steps)]

    def move(rows: Tensor, _: Tensor, slope: Tensor) -> Tensor:
        unit = torch.eye(rows.shape[1], dtype=rows.dtype)
        curvature = rows.T @ rows + regularizer * unit
        if schedule == "constant":
            powers = torch.stack([torch.linalg.matrix_power(unit - RATE * curvature, j) for j in range(steps)])
            return -RATE * GAMMA * slope @ powers.sum(0)
        series = torch.zeros_like(curvature)
        for j, rate in enumerate(rates):
            term = rate * unit
            for later in rates[j + 1 :]:
                term = term @ (unit - later * curvature)
            series += term
        return -GAMMA * slope @ series

    lane = LocoPropS(regularizer=regularizer, inner="sgd", steps=steps, local_schedule=schedule, gamma=GAMMA)
    assert recovers(lane) is LANDWEBER[schedule]
    torch.testing.assert_close(composed(lane), preconditioned(move))


def test_landweber_s_iteration_tends_to_foof() -> None:
    """The damping is so large that 50 steps are enough."""

    def flat(parameters: list[nn.Parameter]) -> Tensor:
        return nn.utils.parameters_to_vector(parameters).detach()

    lane = LocoPropS(regularizer=40, inner="exact", local_schedule="constant", gamma=GAMMA)
    exact = flat(composed(lane))
    stopped = [flat(composed(lane.but(inner="sgd", steps=steps), 0.01)) for steps in (1, 5, 50)]
    distances = [float((each - exact).abs().max()) for each in stopped]
    assert distances[0] > 5 * distances[1] > 1e6 * distances[2]


@pytest.mark.parametrize("local_loss", LOSSES)
def test_the_published_recipe_is_rmsprop_along_the_slopes_of_the_local_losses(local_loss: Any) -> None:
    """Ten steps of TensorFlow's recursion, written out here, along autograd's slopes of the losses as defined."""
    network, rate, gamma = Network(), 1e-4, 10.0
    squares = [torch.ones_like(parameter) for parameter in network.parameters]
    speeds = [torch.zeros_like(parameter) for parameter in network.parameters]
    for images in network.batches:
        loss, inputs, outputs = network.seen(images)
        slopes = torch.autograd.grad(loss, outputs)
        rows = [each.detach() for each in inputs]
        targets = [
            ((output if local_loss == "squared" else transfer.f(output)) - gamma * slope).detach()
            for (_, transfer), output, slope in zip(network.layers, outputs, slopes, strict=True)
        ]
        for number in range(10):
            total = torch.zeros((), dtype=torch.float64)
            for (layer, transfer), each, target in zip(network.layers, rows, targets, strict=True):
                moved = layer(each[:, :-1])
                if local_loss == "squared":
                    total = total + 0.5 * (moved - target).square().sum()
                else:
                    total = total + transfer.potential(moved).sum() - (target * moved).sum()
            for at, g in enumerate(torch.autograd.grad(total, network.parameters)):
                squares[at] = 0.9 * squares[at] + 0.1 * g**2
                speeds[at] = 0.999 * speeds[at] + rate * max(1 - number / 10, 0.25) * g / (squares[at] + 1e-5).sqrt()
                network.parameters[at].data -= speeds[at]
    lane = LANES[local_loss]()
    assert recovers(lane) is PUBLISHED[lane]
    torch.testing.assert_close(composed(lane, rate), network.parameters, rtol=1e-8, atol=1e-10)


def test_where_all_transfer_functions_are_the_identity_both_losses_are_one() -> None:
    matching, squared = (
        composed(LANES[loss](regularizer=0.3, inner="adam", steps=4), 1e-3, Network(("identity",) * 3))
        for loss in ("matching", "squared")
    )
    torch.testing.assert_close(matching, squared, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    "lane",
    [
        LocoPropM(inner="sgd"), LocoPropS(inner="momentum"), LocoPropM(steps=9), LocoPropM(regularizer=0.1),
        LocoPropS(regularizer=0.1), LocoPropM(gamma=9), LocoPropM(local_schedule="constant"),
        LocoPropS(inner="adam", steps=2),
    ],
)  # fmt: skip
def test_other_local_problems_are_algorithms_of_their_own(lane: LocoPropLane) -> None:
    assert recovers(lane) is None


@pytest.mark.parametrize(
    ("local_loss", "settings"),
    [("matching", {"inner": "exact"}), ("squared", {"inner": "exact"}), ("matching", {"steps": 0}),
     ("matching", {"steps": 51}), ("matching", {"gamma": 0.0}), ("matching", {"regularizer": -1.0}),
     ("matching", {"inner": "newton"})],
)  # fmt: skip
def test_local_problems_without_a_meaning_are_refused(local_loss: str, settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LANES[local_loss](**settings)


@pytest.mark.parametrize("local_loss", LOSSES)
def test_a_lane_s_optimizer_minimizes_the_local_loss_that_the_lane_names(local_loss: str) -> None:
    lane = LANES[local_loss]()
    assert lane.local_loss == lane.arguments()["local_loss"] == local_loss


def test_a_recovery_says_all_that_a_page_shows() -> None:
    found = [
        PROXIMAL, *LANDWEBER.values(), *PUBLISHED.values(),
        *(recovers(LocoPropM(inner=inner, steps=1)) for inner in FIRST),
    ]  # fmt: skip
    assert len({recovery.name for recovery in found if recovery}) == len(found)
    for recovery in filter(None, found):
        for left, right in ("{}", "()"):
            assert recovery.formula.count(left) == recovery.formula.count(right)
        brackets = recovery.formula.replace(r"\leftarrow", "")
        assert brackets.count(r"\left") == brackets.count(r"\right")
        assert recovery.sentence.endswith(".")
        assert all(title and address.startswith("https://") for title, address in recovery.sources)


def test_the_problem_on_screen_is_the_one_that_is_solved() -> None:
    assert problem(LocoPropS(regularizer=0.25, inner="exact")) == (
        r"\min_{W'}\; \tfrac12 \lVert A' - A^* \rVert^2 + \tfrac{0.25}{2} \lVert W' - W \rVert^2"
    )
    assert "lVert W'" not in problem(LocoPropM())
