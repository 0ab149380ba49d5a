"""The autoencoder: its shape, its initial weights, its loss, and the cost of a step."""

import gc
import math
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from engine.optimizers import RACERS
from engine.optimizers.adaptive import Adam
from engine.race import RaceSpec
from engine.race.meter import Cost, Live, measure
from engine.race.network import Autoencoder, widths
from engine.training import update
from tests.engine.race.racing import returned

torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("depth", "width", "expected"),
    [
        (1, 1.0, [784, 1000, 500, 250, 30, 250, 500, 1000, 784]),
        (3, 1.0, [784, 1000, 500, 500, 500, 250, 30, 250, 500, 500, 500, 1000, 784]),
        (1, 0.5, [784, 500, 250, 125, 15, 125, 250, 500, 784]),
        (1, 0.02, [784, 20, 10, 5, 1, 5, 10, 20, 784]),
    ],
)
def test_depth_repeats_the_500_and_width_scales_all_but_the_pixels(
    depth: int, width: float, expected: list[int]
) -> None:
    assert widths(depth, width) == expected


def test_the_start_is_glorot_uniform_for_weights_and_biases() -> None:
    for layer, _ in Autoencoder(widths(1, 1.0), "tanh", seed=3).layers:
        outputs, inputs = layer.weight.shape
        for parameter, bound in (
            (layer.weight, math.sqrt(6 / (inputs + outputs))),
            (layer.bias, math.sqrt(3 / outputs)),
        ):
            assert parameter.abs().max() <= bound
            if parameter.numel() > 400:
                assert parameter.abs().max() > 0.98 * bound
                assert parameter.square().mean().item() == pytest.approx(bound**2 / 3, rel=0.15)


def test_the_start_depends_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    one = Autoencoder(widths(1, 0.05), "tanh", seed=0).state_dict()
    torch.manual_seed(2)
    same = Autoencoder(widths(1, 0.05), "relu", seed=0, dtype=torch.float64).state_dict()
    other = Autoencoder(widths(1, 0.05), "tanh", seed=1).state_dict()
    for name, values in one.items():
        assert torch.equal(values.double(), same[name])
        assert not torch.equal(values, other[name])


@pytest.mark.parametrize("transfer", ["tanh", "relu", "leaky_relu", "sigmoid"])
def test_the_network_is_torch_s_own_modules_in_a_row(transfer: str) -> None:
    net = Autoencoder([784, 6, 3, 6, 784], transfer, seed=0)
    between = {"tanh": nn.Tanh, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "sigmoid": nn.Sigmoid}[transfer]
    a, b, c, d = (layer for layer, _ in net.layers)
    plain = nn.Sequential(a, between(), b, c, between(), d)  # the layer that gives the autoencoder's code is linear
    images = torch.rand(5, 784)
    torch.testing.assert_close(net(images), plain(images))
    expected = nn.BCELoss(reduction="none")(torch.sigmoid(plain(images)), images).sum(1).mean()
    torch.testing.assert_close(net.loss(images), expected)


def test_the_published_network_costs_what_its_counts_say() -> None:
    """A forward and a backward pass of 2.84 million weights on 1,000 images take 15.4 GFLOP."""
    spec = RaceSpec(width=1, batch=1000)
    assert spec.weights() == 2_837_314
    assert spec.gradient_flops() == pytest.approx(15.44e9, rel=1e-3)


SMALL = RaceSpec(images=100, batch=20, width=0.02)


def test_the_cost_of_a_gradient_is_torch_s_count() -> None:
    net = Autoencoder(SMALL.units(), "tanh", seed=0)
    with FlopCounterMode(display=False) as counter:
        net.loss(torch.rand(SMALL.batch, 784)).backward()
    assert counter.get_total_flops() == SMALL.gradient_flops()


def cost(key: str, **hyper: object) -> float:
    """The measured cost of a step, in units of one gradient."""
    return measured(key, **hyper).flops / SMALL.gradient_flops()


def measured(key: str, **hyper: object) -> Cost:
    lane = RACERS[key].model_validate(hyper)
    net = Autoencoder(SMALL.units(), "tanh", seed=0)
    images = torch.rand(SMALL.batch, 784)
    optimizer = lane.over(net.layers)

    def step() -> None:
        update(optimizer, lambda: net.loss(images), lane.closure == "loss")

    return returned(measure(lane, optimizer, step, net.parameters()))


def test_measured_costs_are_those_of_the_cost_model() -> None:
    assert cost("adam") == 1
    assert cost("adamk", updates=5) == 5
    # With N samples and P weights, the forward pass takes 2 N P operations. The gradients of the outputs take as many,
    # but the images need none. Then come T local gradients and T - 1 local forward passes, because the first one
    # is the network's own.
    products = SMALL.batch * sum(a * b for a, b in pairwise(SMALL.units()))
    images = 2 * SMALL.batch * 784 * SMALL.units()[1]
    for steps in (1, 10):
        expected = ((2 + 4 * steps) * products - images) / SMALL.gradient_flops()
        assert cost("locopropm", steps=steps) == pytest.approx(expected, rel=1e-9)


def test_an_exact_solution_costs_its_gram_matrix_a_factorization_and_two_substitutions() -> None:
    products = SMALL.batch * sum(a * b for a, b in pairwise(SMALL.units()))
    gradient = 6 * products - 2 * SMALL.batch * 784 * SMALL.units()[1]
    solutions = sum(
        2 * SMALL.batch * (a + 1) ** 2 + (a + 1) ** 3 / 3 + 2 * (a + 1) ** 2 * b for a, b in pairwise(SMALL.units())
    )
    expected = (gradient + solutions) / SMALL.gradient_flops()
    assert cost("locoprops", inner="exact", regularizer=1.0) == pytest.approx(expected, rel=1e-6)


def test_renewals_are_spread_over_their_period() -> None:
    often, seldom = cost("kfac", refresh=1), cost("kfac", refresh=10)
    assert 2 < seldom < often
    units = SMALL.units()
    inverse = sum((a + 1) ** 3 + b**3 for a, b in pairwise(units))  # 1/3 for Cholesky, 2/3 for the inverse, times n^3
    assert (often - seldom) * SMALL.gradient_flops() == pytest.approx(0.9 * inverse, rel=1e-3)


@pytest.mark.parametrize("key", RACERS)
def test_the_fullest_moment_does_not_wait_for_garbage(key: str) -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(1)
        often = measured(key)
        gc.disable()
        assert measured(key) == often
    finally:
        gc.set_threshold(*before)
        gc.enable()


def test_the_fullest_moment_has_no_state_that_was_replaced() -> None:
    class Renews(torch.optim.Optimizer):
        """An optimizer with a state of two tensors. Each step replaces both."""

        def step(self, closure: object = None) -> None:  # type: ignore[override]
            state = self.state[self.param_groups[0]["params"][0]]
            for name in ("one", "other"):
                state[name] = torch.ones(1000)

    weight = nn.Parameter(torch.zeros(1))
    optimizer = Renews([weight], {})
    found = returned(measure(Adam(), optimizer, optimizer.step, [weight]))
    assert (found.state, found.peak) == (8000, 12_004)  # both the old and the new version of one tensor


def test_a_product_added_in_place_is_counted() -> None:
    """Shampoo computes its averages in this way, over blocks of one shape."""
    sums, left, right = torch.zeros(2, 3, 5), torch.ones(2, 3, 4), torch.ones(2, 4, 5)
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))])
    cost = returned(measure(Adam(), optimizer, lambda: sums.baddbmm_(left, right), [sums]))
    assert cost.flops == 2 * 2 * 3 * 4 * 5


def test_the_fullest_moment_counts_what_is_alive_and_forgets_what_has_gone() -> None:
    held = torch.zeros(1000)
    with Live([held]) as live:
        first = held + 1
        del first
        second = torch.cat((held, held))
        second.add_(1)  # in place: no new memory
        second[::2].view(-1)  # views: no new memory
    assert live.peak == 4 * (1000 + 2000)
    assert live.bytes == 4 * (1000 + 2000)
    del second
    assert live.bytes == 4 * 1000
