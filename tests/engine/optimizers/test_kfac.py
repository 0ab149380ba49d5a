"""K-FAC: its factors against curvlinops, its step against the Fisher matrix written out, and its laws."""

import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.nn import TRANSFERS, Transfer
from engine.optimizers.kfac import KFAC, damped_inverses, factors
from engine.optimizers.observe import observe

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # curvlinops' dependencies call deprecated functions when they are imported
    from curvlinops import KFACLinearOperator

torch.set_num_threads(1)

ROWS = 40
LOSSES = {"sigmoid": nn.BCEWithLogitsLoss(reduction="sum"), "softmax": nn.CrossEntropyLoss(reduction="sum")}


class Network:
    """Two layers in float64, a batch and its targets. Equal arguments give equal networks.

    repeats: how often the batch contains each row. transfer: replaces the transfer function of the last layer.
    """

    def __init__(self, last: str = "sigmoid", repeats: int = 1, transfer: Transfer | None = None):
        generator = torch.Generator().manual_seed(0)
        first, second = nn.Linear(5, 4), nn.Linear(4, 3)
        self.net = nn.Sequential(first, nn.Tanh(), second).double()
        for parameter in self.net.parameters():
            parameter.data.normal_(0, 0.7, generator=generator)
        self.layers = [(first, TRANSFERS["tanh"]), (second, transfer or TRANSFERS[last])]
        self.rows = torch.randn(ROWS, 5, generator=generator, dtype=torch.float64).repeat(repeats, 1)
        self.criterion: Callable[[Tensor, Tensor], Tensor] = LOSSES[last]
        draw = TRANSFERS[last].sample
        assert draw is not None
        self.targets = draw(torch.zeros(ROWS, 3, dtype=torch.float64), generator).repeat(repeats, 1)

    def loss(self) -> Tensor:
        """The loss, summed over the units and averaged over the rows."""
        return self.criterion(self.net(self.rows), self.targets) / len(self.rows)

    def parameters(self) -> list[nn.Parameter]:
        return list(self.net.parameters())

    def factors(self) -> list[tuple[Tensor, Tensor]]:
        return factors(self.layers, observe(self.layers, self.loss), torch.Generator().manual_seed(0))

    def joined(self, parts: list[Tensor]) -> list[Tensor]:
        """The weights, with the bias as their last column."""
        return [torch.cat((weight, bias[:, None]), 1) for weight, bias in zip(parts[::2], parts[1::2], strict=True)]

    def slopes(self) -> list[Tensor]:
        return self.joined(list(torch.autograd.grad(self.loss(), self.parameters())))

    def step(self, optimizer: KFAC) -> list[Tensor]:
        """The change of the parameters in one step."""
        before = [parameter.detach().clone() for parameter in self.parameters()]
        optimizer.step(self.loss)
        return self.joined([now.detach() - then for now, then in zip(self.parameters(), before, strict=True)])


def by_curvlinops(network: Network, fisher: str, vectors: list[Tensor]) -> list[Tensor]:
    """The product of the mean loss's Fisher matrix with ``vectors``, in the shapes of the parameters."""
    targets = network.targets.argmax(1) if isinstance(network.criterion, nn.CrossEntropyLoss) else network.targets
    operator = KFACLinearOperator(
        network.net, network.criterion, network.parameters(), [(network.rows, targets)], fisher_type=fisher,
        separate_weight_and_bias=False, check_deterministic=False,
    )  # fmt: skip
    return network.joined([product / ROWS for product in operator @ vectors])


def vectors_like(network: Network) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in network.parameters()]


@pytest.mark.parametrize("last", LOSSES)
def test_the_factors_are_curvlinops_s_where_the_targets_are_the_data_s(last: str) -> None:
    network = Network(last)
    given = replace(TRANSFERS[last], sample=lambda a, generator: network.targets)
    found = Network(last, transfer=given).factors()
    vectors = vectors_like(network)
    expected = by_curvlinops(network, "empirical", vectors)
    for (inputs, outputs), vector, product in zip(found, network.joined(vectors), expected, strict=True):
        torch.testing.assert_close(outputs @ vector @ inputs, product)


@pytest.mark.parametrize("last", LOSSES)
def test_drawn_targets_give_the_fisher_matrix_on_average(last: str) -> None:
    network = Network(last)
    vectors = vectors_like(network)
    expected = by_curvlinops(network, "type-2", vectors)
    found = Network(last, repeats=4_000).factors()
    for (inputs, outputs), vector, product in zip(found, network.joined(vectors), expected, strict=True):
        assert (outputs @ vector @ inputs - product).norm() < 0.02 * product.norm()


def test_damping_is_shared_by_the_factors_and_adds_up_to_itself() -> None:
    """(A + pi sqrt(d)) (x) (G + sqrt(d) / pi) = A (x) G + d I + terms that vanish with A and G."""
    inputs, outputs = Network().factors()[0]
    for damping in (1e-6, 0.3, 1e6):
        left, right = damped_inverses(inputs, outputs, damping)
        ours = torch.linalg.inv(torch.kron(right, left))
        exact = torch.kron(outputs, inputs) + damping * torch.eye(len(ours), dtype=torch.float64)
        between = ours - exact
        assert torch.linalg.eigvalsh(between).min() > -1e-9 * damping  # the damping is never smaller than requested
        balance = torch.linalg.inv(left).sub(inputs).trace() / torch.linalg.inv(right).sub(outputs).trace()
        share = (inputs.trace() / outputs.trace()) * (len(outputs) / len(inputs))
        torch.testing.assert_close(balance * len(outputs) / len(inputs), share, rtol=1e-5, atol=0)


@pytest.mark.parametrize("dead", [0, 1])
def test_a_factor_of_zeros_is_damped_alone(dead: int) -> None:
    """A dead layer's block of the Fisher matrix is zero. With damping d, the block's inverse is I / d."""
    factors = list(Network().factors()[0])
    factors[dead] = torch.zeros_like(factors[dead])
    left, right = damped_inverses(factors[0], factors[1], 0.09)
    inverse = (left, right)[dead]
    torch.testing.assert_close(inverse, torch.eye(len(inverse), dtype=torch.float64) / 0.3)
    assert left.isfinite().all() and right.isfinite().all()


UNCLIPPED: dict[str, Any] = {"kl_clip": 1e12, "burn_in": 0, "refresh": 1}


def test_the_first_step_solves_with_the_damped_fisher_matrix() -> None:
    """The step is compared with a solution that writes the Kronecker product as one matrix."""
    network = Network()
    slopes, found = network.slopes(), network.factors()
    moves = network.step(KFAC(network.layers, lr=0.5, damping=0.1, **UNCLIPPED))
    for (inputs, outputs), slope, move in zip(found, slopes, moves, strict=True):
        left, right = (torch.linalg.inv(inverse) for inverse in damped_inverses(inputs, outputs, 0.1))
        fisher = torch.kron(right, left)  # the order of flatten: one row of the weight after another
        torch.testing.assert_close(move.flatten(), -0.5 * torch.linalg.solve(fisher, slope.flatten()))


def test_at_a_large_damping_it_is_gradient_descent_with_a_small_rate() -> None:
    network = Network()
    slopes = network.slopes()
    moves = network.step(KFAC(network.layers, lr=1.0, damping=1e8, **UNCLIPPED))
    for slope, move in zip(slopes, moves, strict=True):
        torch.testing.assert_close(move, -slope / 1e8, rtol=1e-3, atol=0)


def test_the_step_is_shortened_to_its_bound_and_no_further() -> None:
    network = Network()
    slopes = network.slopes()
    free = network.step(KFAC(network.layers, lr=0.5, damping=0.1, **UNCLIPPED))
    length = sum(-0.5 * (slope * move).sum() for slope, move in zip(slopes, free, strict=True))
    for bound in (length / 4, length * 4):
        settings = UNCLIPPED | {"kl_clip": float(bound)}
        again = Network()
        moves = again.step(KFAC(again.layers, lr=0.5, damping=0.1, **settings))
        expected = [0.5 * move if bound < length else move for move in free]
        torch.testing.assert_close(moves, expected)


def test_the_average_is_plain_at_first_and_then_forgets() -> None:
    network = Network()
    optimizer = KFAC(network.layers, lr=0.0, decay=0.75, burn_in=0)
    seen = []
    for _ in range(6):
        optimizer.step(network.loss)
        seen.append(optimizer.state[network.layers[1][0].weight]["outputs"].clone())
    # Undo each average to get the batch's own factor. The new factor's shares are 1, 1/2, 1/3, and 1/4 from then on.
    shares = (1, 1 / 2, 1 / 3, 1 / 4, 1 / 4, 1 / 4)
    own = [
        (now - (1 - share) * then) / share for now, then, share in zip(seen, [0 * seen[0], *seen], shares, strict=False)
    ]
    generator = torch.Generator().manual_seed(0)
    for batch in own:
        expected = factors(network.layers, observe(network.layers, network.loss), generator)[1][1]
        torch.testing.assert_close(batch, expected)


def test_the_first_batches_only_feed_the_averages_and_inverses_age() -> None:
    network = Network()
    optimizer = KFAC(network.layers, burn_in=3, refresh=4)
    state = optimizer.state[network.layers[0][0].weight]
    inverses = []
    for number in range(3 + 9):
        moves = network.step(optimizer)
        assert any(move.any() for move in moves) == (number >= 3)
        if number >= 3:
            inverses.append(state["inputs_inverse"])
    distinct = [number for number, one in enumerate(inverses) if number == 0 or one is not inverses[number - 1]]
    assert distinct == [0, 4, 8]


def test_a_rate_of_zero_leaves_parameters_and_velocity_alone() -> None:
    network = Network()
    optimizer = KFAC(network.layers, lr=0.0, burn_in=0)
    assert not any(move.any() for _ in range(3) for move in network.step(optimizer))
    optimizer.param_groups[0]["lr"] = 0.1
    assert network.step(optimizer)[0].isfinite().all()


def test_a_stored_state_goes_on_with_the_same_numbers() -> None:
    network, again = Network(), Network()
    first = KFAC(network.layers, refresh=3, burn_in=2, seed=5)
    for _ in range(4):
        first.step(network.loss)
    again.net.load_state_dict(network.net.state_dict())
    second = KFAC(again.layers, refresh=3, burn_in=2)
    second.load_state_dict(deepcopy(first.state_dict()))
    for _ in range(4):
        torch.testing.assert_close(network.step(first), again.step(second), rtol=0, atol=0)


def test_it_needs_far_fewer_steps_than_gradient_descent() -> None:
    start = Network().loss().item()
    best = []
    for make in (
        lambda net: KFAC(net.layers, lr=0.3, damping=1e-2, kl_clip=1.0),
        lambda net: torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9),
    ):
        network = Network()
        optimizer = make(network)
        for _ in range(60):
            if isinstance(optimizer, KFAC):
                optimizer.step(network.loss)
            else:
                optimizer.zero_grad()
                network.loss().backward()
                optimizer.step()
        best.append(network.loss().item())
    assert best[0] < best[1] < start


@pytest.mark.parametrize("settings", [{"damping": 0.0}, {"kl_clip": 0.0}, {"refresh": 0}])
def test_settings_without_a_meaning_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="damping > 0"):
        KFAC(Network().layers, **settings)


def test_a_last_layer_without_a_likelihood_is_refused() -> None:
    network = Network(transfer=TRANSFERS["relu"])
    with pytest.raises(ValueError, match="ReLU"):
        KFAC(network.layers).step(network.loss)
