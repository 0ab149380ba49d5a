"""LocoProp's identities: its local problems give the same results as the known algorithms that they are equal to."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.nn import TRANSFERS
from engine.optimizers.locoprop import LOCAL_SCHEDULES, LocalProblem, LocoProp
from engine.optimizers.rmsprop import TensorFlowRMSprop

torch.set_num_threads(1)

WIDTHS = (6, 5, 4, 6)
TRANSFER = ("tanh", "relu", "sigmoid")
GAMMA, RATE = 3.0, 0.01

SGD = partial(torch.optim.SGD, lr=0.0)


class Network:
    """A small autoencoder in float64 with a batch. Equal ``batch`` and ``bias`` give equal networks."""

    def __init__(self, batch: int = 20, bias: bool = True):
        generator = torch.Generator().manual_seed(0)
        self.linear = [nn.Linear(inputs, outputs, bias, dtype=torch.float64) for inputs, outputs in pairwise(WIDTHS)]
        for layer in self.linear:
            for parameter in layer.parameters():
                parameter.data.normal_(0, 0.5, generator=generator)
        self.layers = list(zip(self.linear, (TRANSFERS[name] for name in TRANSFER), strict=True))
        self.images = torch.rand(batch, WIDTHS[0], generator=generator, dtype=torch.float64)

    def loss(self) -> Tensor:
        hidden = self.images
        for layer, transfer in self.layers[:-1]:
            hidden = transfer.f(layer(hidden))
        logits = self.linear[-1](hidden)
        return nn.functional.binary_cross_entropy_with_logits(logits, self.images, reduction="sum") / len(self.images)

    def parameters(self) -> list[nn.Parameter]:
        return [parameter for layer in self.linear for parameter in layer.parameters()]

    def slopes(self) -> list[Tensor]:
        return list(torch.autograd.grad(self.loss(), self.parameters()))

    def step(self, **settings: Any) -> list[Tensor]:
        """The change of the parameters in one step of LocoProp."""
        before = [parameter.detach().clone() for parameter in self.parameters()]
        LocoProp(self.layers, **{"lr": RATE, "gamma": GAMMA, **settings}).step(self.loss)
        return [now.detach() - then for now, then in zip(self.parameters(), before, strict=True)]

    def inputs(self) -> list[Tensor]:
        """Each layer's input with a column of ones."""
        rows, seen = self.images, []
        for layer, transfer in self.layers:
            seen.append(nn.functional.pad(rows, (0, 1), value=1.0))
            rows = transfer.f(layer(rows)).detach()
        return seen

    def joined(self, parts: Sequence[Tensor]) -> list[Tensor]:
        """The weights, with the bias as their last column."""
        return [torch.cat((weight, bias[:, None]), 1) for weight, bias in zip(parts[::2], parts[1::2], strict=True)]


@pytest.mark.parametrize("local_loss", ["squared", "matching"])
@pytest.mark.parametrize("bias", [True, False])
def test_one_step_of_gradient_descent_is_back_propagation(local_loss: str, bias: bool) -> None:
    wanted = [-RATE * GAMMA * slope for slope in Network(bias=bias).slopes()]
    change = Network(bias=bias).step(local_loss=local_loss, inner=SGD, steps=1)
    torch.testing.assert_close(change, wanted)


@pytest.mark.parametrize("batch", [2, 20, 200])  # 2 is computed directly, 200 by Gram matrices
def test_steps_on_the_squared_loss_are_a_polynomial_in_the_gram_matrix(batch: int) -> None:
    network, steps = Network(batch), 5
    change = network.joined(
        Network(batch).step(local_loss="squared", inner=SGD, steps=steps, local_schedule="constant")
    )
    for moved, rows, slope in zip(change, network.inputs(), network.joined(network.slopes()), strict=True):
        shrink = torch.eye(rows.shape[1], dtype=torch.float64) - RATE * rows.T @ rows
        series = sum(torch.linalg.matrix_power(shrink, power) for power in range(steps))
        torch.testing.assert_close(moved, -RATE * GAMMA * slope @ series)


def test_the_gram_form_is_taken_where_it_is_cheaper_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: dict[str, Any] = {"local_loss": "squared", "inner": SGD, "steps": 6, "regularizer": 0.5}
    taken = []
    by_gram = LocalProblem._by_gram

    def counted(self: LocalProblem, gram: Tensor) -> list[Tensor]:
        taken.append(gram)
        return by_gram(self, gram)

    monkeypatch.setattr(LocalProblem, "_by_gram", counted)
    through_gram = Network(batch=200).step(**settings)
    assert len(taken) == 5 * len(TRANSFER)
    monkeypatch.setattr("engine.optimizers.locoprop.squared_flops", lambda *_: (1.0, 2.0))
    torch.testing.assert_close(Network(batch=200).step(**settings), through_gram)
    assert len(taken) == 5 * len(TRANSFER)


@pytest.mark.parametrize("bias", [True, False])
def test_the_exact_solution_is_the_step_of_k_fac_with_its_input_factor_alone(bias: bool) -> None:
    network, damping = Network(bias=bias), 0.7
    change = Network(bias=bias).step(local_loss="squared", inner=None, regularizer=damping)
    if bias:
        change, slopes = network.joined(change), network.joined(network.slopes())
    else:
        slopes = network.slopes()
    for moved, rows, slope in zip(change, network.inputs(), slopes, strict=True):
        rows = rows if bias else rows[:, :-1]
        damped = rows.T @ rows + damping * torch.eye(rows.shape[1], dtype=torch.float64)
        torch.testing.assert_close(moved, -GAMMA * slope @ torch.linalg.inv(damped))


def test_many_local_steps_reach_the_exact_solution() -> None:
    exact = Network().step(local_loss="squared", inner=None, regularizer=5.0)
    steps = Network().step(
        local_loss="squared", inner=SGD, regularizer=5.0, steps=3000, lr=0.02, local_schedule="constant"
    )
    torch.testing.assert_close(steps, exact, rtol=1e-8, atol=1e-10)


def test_at_the_fixed_point_of_the_matching_loss_the_regularizer_balances_the_residual() -> None:
    network, damping, gamma = Network(), 2.0, 0.5
    before = network.joined([parameter.detach().clone() for parameter in network.parameters()])
    inputs = network.inputs()
    activations = [
        transfer.f(rows @ w.T) for (_, transfer), rows, w in zip(network.layers, inputs, before, strict=True)
    ]
    slopes = network.joined(network.slopes())
    network.step(inner=SGD, regularizer=damping, gamma=gamma, steps=4000, lr=0.02, local_schedule="constant")
    after = network.joined([parameter.detach() for parameter in network.parameters()])
    for (_, transfer), rows, old, new, active, slope in zip(
        network.layers, inputs, before, after, activations, slopes, strict=True
    ):
        # (f(A') - Y*)^T X with Y* = f(A) - gamma D, and D^T X = dL/dW.
        residual = (transfer.f(rows @ new.T) - active).T @ rows + gamma * slope
        torch.testing.assert_close(new, old - residual / damping, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("local_loss", ["squared", "matching"])
def test_a_local_step_follows_autograd_s_gradient_of_the_local_loss(local_loss: str) -> None:
    """Two steps are compared, layer by layer, with steps on the local losses as they are defined."""
    network, factor = Network(), LOCAL_SCHEDULES["linear"].factor
    change = Network().step(local_loss=local_loss, inner=SGD, steps=2)
    inputs, slopes = network.inputs(), _slopes_of_outputs(network)
    for layer, ((_, transfer), rows, slope) in enumerate(zip(network.layers, inputs, slopes, strict=True)):
        start = network.joined(network.parameters())[layer].detach()
        outputs = rows @ start.T
        weight = start.clone().requires_grad_()
        for number in range(2):
            moved = rows @ weight.T
            if local_loss == "squared":
                loss = 0.5 * (moved - (outputs - GAMMA * slope)).square().sum()
            else:
                loss = transfer.potential(moved).sum() - ((transfer.f(outputs) - GAMMA * slope) * moved).sum()
            (gradient,) = torch.autograd.grad(loss, weight)
            weight = (weight - RATE * factor(number / 2) * gradient).detach().requires_grad_()
        torch.testing.assert_close(network.joined(change)[layer], weight.detach() - start)


def _slopes_of_outputs(network: Network) -> list[Tensor]:
    rows, outputs = network.images, []
    for layer, transfer in network.layers:
        outputs.append(layer(rows))
        rows = transfer.f(outputs[-1])
    loss = nn.functional.binary_cross_entropy_with_logits(outputs[-1], network.images, reduction="sum")
    return list(torch.autograd.grad(loss / len(network.images), outputs))


def test_tensorflow_s_rmsprop_is_the_recursion_with_its_three_differences() -> None:
    values, slopes = [1.0, -2.0], [[0.5, 3.0], [-0.2, 0.0], [4.0, 1e-4]]
    rates = [0.1, 0.1, 0.01]
    weight = nn.Parameter(torch.tensor(values, dtype=torch.float64))
    optimizer = TensorFlowRMSprop([weight], momentum=0.9, decay=0.8, eps=1e-3)
    square, speed = [1.0, 1.0], [0.0, 0.0]
    for rate, slope in zip(rates, slopes, strict=True):
        weight.grad = torch.tensor(slope, dtype=torch.float64)
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        for at, g in enumerate(slope):
            square[at] = 0.8 * square[at] + 0.2 * g * g
            speed[at] = 0.9 * speed[at] + rate * g / (square[at] + 1e-3) ** 0.5
            values[at] -= speed[at]
    torch.testing.assert_close(weight.detach(), torch.tensor(values, dtype=torch.float64), rtol=1e-14, atol=0)


@pytest.mark.parametrize("settings", [{}, {"local_loss": "squared"}, {"inner": torch.optim.Adam}])
def test_a_stored_state_goes_on_with_the_same_numbers(settings: dict[str, Any]) -> None:
    whole, resumed = Network(), Network()
    through = LocoProp(whole.layers, lr=1e-3, **settings)
    first = LocoProp(resumed.layers, lr=1e-3, **settings)
    for optimizer, network in ((through, whole), (first, resumed)):
        optimizer.step(network.loss)
    second = LocoProp(resumed.layers, lr=1e-3, **settings)
    second.load_state_dict(first.state_dict())
    for optimizer, network in ((through, whole), (second, resumed)):
        optimizer.step(network.loss)
    torch.testing.assert_close(whole.parameters(), resumed.parameters(), rtol=0, atol=0)


def test_the_rate_is_the_one_that_torch_s_schedulers_set() -> None:
    network = Network()
    optimizer = LocoProp(network.layers, lr=RATE, gamma=GAMMA, inner=SGD, steps=1)
    torch.optim.lr_scheduler.ConstantLR(optimizer, factor=0.0)
    before = [parameter.detach().clone() for parameter in network.parameters()]
    optimizer.step(network.loss)
    torch.testing.assert_close([parameter.detach() for parameter in network.parameters()], before, rtol=0, atol=0)


def test_it_learns() -> None:
    network = Network()
    optimizer = LocoProp(network.layers, lr=1e-4)
    losses = [optimizer.step(network.loss).item() for _ in range(60)]
    assert losses[-1] < 0.95 * losses[0]


@pytest.mark.parametrize(
    "settings",
    [{"inner": None}, {"inner": None, "local_loss": "squared"}, {"steps": 0}, {"gamma": 0.0}, {"regularizer": -1.0}],
)
def test_settings_without_a_meaning_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"exact solution|steps >= 1"):
        LocoProp(Network().layers, **settings)


@pytest.mark.parametrize("uses", [0, 2])
def test_a_layer_must_be_used_once(uses: int) -> None:
    network = Network()
    spare = nn.Linear(WIDTHS[0], 1, dtype=torch.float64)
    layers = [*network.layers, (spare, TRANSFERS["identity"])]
    loss: Callable[[], Tensor] = lambda: network.loss() + uses * sum(spare(network.images).sum() for _ in range(uses))  # noqa: E731
    with pytest.raises(ValueError, match=f"number 3 was used {uses} times"):
        LocoProp(layers).step(loss)


def test_activations_in_place_are_refused() -> None:
    """They would overwrite a layer's output with the next layer's input, so all slopes would be wrong."""
    first, second = nn.Linear(5, 4), nn.Linear(4, 3)
    net = nn.Sequential(first, nn.ReLU(inplace=True), second)
    layers = [(first, TRANSFERS["relu"]), (second, TRANSFERS["identity"])]
    with pytest.raises(ValueError, match="was overwritten in the forward pass"):
        LocoProp(layers).step(lambda: net(torch.ones(2, 5)).square().mean())
