"""The quantities of each layer's step, against their definitions written out."""

import math

import pytest
import torch
from torch import Tensor

from engine.nn import Transfer
from engine.optimizers.kfac import damped_inverses, factors
from engine.optimizers.layered import LocoPropM
from engine.optimizers.observe import observe
from engine.race.layer_diagnostics import (
    DAMPING,
    GAMMA,
    LAYER_QUANTITIES,
    cosine,
    diagnose,
    joined,
    local_change,
    shampoo,
)
from engine.race.network import Autoencoder
from engine.training import update

torch.set_num_threads(1)


def network(seed: int = 0, transfer: str = "tanh") -> tuple[Autoencoder, Tensor]:
    net = Autoencoder([784, 12, 8, 3, 8, 12, 784], transfer, seed, torch.float64)
    return net, torch.rand(40, 784, generator=torch.Generator().manual_seed(9), dtype=torch.float64)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(4)


def weights(net: Autoencoder) -> list[Tensor]:
    return [joined(layer) for layer, _ in net.layers]


def slopes(net: Autoencoder, images: Tensor) -> list[Tensor]:
    """Gradients of weights with their bias as a last column, by autograd."""
    parts = torch.autograd.grad(net.loss(images), [p for layer, _ in net.layers for p in (layer.weight, layer.bias)])
    return [torch.cat((weight, bias[:, None]), 1) for weight, bias in zip(parts[::2], parts[1::2], strict=True)]


def move(net: Autoencoder, changes: list[Tensor]) -> None:
    with torch.no_grad():
        for (layer, _), change in zip(net.layers, changes, strict=True):
            layer.weight.add_(change[:, :-1])
            layer.bias.add_(change[:, -1])


def test_a_gradient_step_is_recognized() -> None:
    net, images = network()
    before, gradients = weights(net), slopes(net, images)
    move(net, [-0.01 * gradient for gradient in gradients])
    after = weights(net)
    found = diagnose(net.layers, before, lambda: net.loss(images), generator())
    for layer, gradient in enumerate(gradients):
        assert found["gradient"][layer] == pytest.approx(gradient.norm().item())
        assert found["update"][layer] == pytest.approx(0.01 * gradient.norm().item())
        assert found["to_gradient"][layer] == pytest.approx(1)
        assert -1 <= found["to_kfac"][layer] < 0.9999
    assert all(torch.equal(now, then) for now, then in zip(weights(net), after, strict=True))


def test_a_k_fac_step_is_recognized() -> None:
    net, images = network()
    before, gradients = weights(net), slopes(net, images)
    curvature = factors(net.layers, observe(net.layers, lambda: net.loss(images)), generator())
    inverses = [damped_inverses(a, g, DAMPING) for a, g in curvature]
    move(net, [-0.1 * g @ gradient @ a for (a, g), gradient in zip(inverses, gradients, strict=True)])
    found = diagnose(net.layers, before, lambda: net.loss(images), generator())
    assert found["to_kfac"] == pytest.approx([1.0] * len(before))


def test_shampoo_s_direction_is_its_definition() -> None:
    rows, slope = (torch.randn(40, units, generator=generator(), dtype=torch.float64) for units in (5, 3))
    parts = torch.stack([slope[i : i + 4].T @ rows[i : i + 4] for i in range(0, 40, 4)])
    left, right = (parts @ parts.mT).sum(0), (parts.mT @ parts).sum(0)
    direction = shampoo(slope.T @ rows, rows, slope)
    expected = _root(left) @ (slope.T @ rows) @ _root(right)
    torch.testing.assert_close(direction, expected, rtol=1e-4, atol=1e-6)


def test_dead_and_overflowing_layers_break_nothing() -> None:
    """A layer of dead ReLUs has no direction to compare. A layer whose matrices overflow raises no exception."""
    net, images = network(transfer="relu")
    with torch.no_grad():
        net.layers[0][0].bias.fill_(-100.0)
        net.layers[-1][0].weight.mul_(1e200)
    before = weights(net)
    move(net, [torch.ones_like(weight) for weight in before])
    after = weights(net)
    found = diagnose(net.layers, before, lambda: net.loss(images), generator())
    assert found["gradient"][0] == 0 and math.isnan(found["to_kfac"][0]) and math.isnan(found["to_shampoo"][0])
    assert all(torch.equal(now, then) for now, then in zip(weights(net), after, strict=True))


def _root(matrix: Tensor) -> Tensor:
    """The inverse fourth root by Newton's iteration for X^-4 = matrix, without an eigendecomposition."""
    identity = torch.eye(len(matrix), dtype=matrix.dtype)
    root: Tensor = identity * matrix.norm() ** -0.25
    power = matrix / matrix.norm()
    for _ in range(60):
        step = (5 * identity - power) / 4
        root, power = root @ step, torch.linalg.matrix_power(step, 4) @ power
    return root


def test_the_local_change_is_that_of_locoprop_s_objective() -> None:
    net, images = network()
    seen = observe(net.layers, lambda: net.loss(images))
    for (_, transfer), outputs, slope in zip(net.layers, seen.outputs, seen.slopes(), strict=True):
        step = 0.1 * torch.randn(outputs.shape, generator=generator(), dtype=torch.float64)
        target = transfer.f(outputs) - GAMMA * slope

        def objective(a: Tensor, transfer: Transfer = transfer, target: Tensor = target) -> Tensor:
            return transfer.potential(a).sum() - (target * a).sum()

        expected = objective(outputs + step) - objective(outputs)
        assert local_change(transfer, outputs, step, slope) == pytest.approx(expected.item())


def test_locoprop_lowers_its_own_local_losses_in_every_layer() -> None:
    net, images = network()
    optimizer = LocoPropM(lr=1e-4).over(net.layers)
    before = weights(net)
    update(optimizer, lambda: net.loss(images), whole=True)
    found = diagnose(net.layers, before, lambda: net.loss(images), generator())
    assert max(found["local"]) < 0


def test_where_nothing_moved_there_is_no_direction() -> None:
    net, images = network()
    found = diagnose(net.layers, weights(net), lambda: net.loss(images), generator())
    assert all(map(math.isnan, found["to_gradient"] + found["to_kfac"] + found["to_shampoo"]))
    assert found["update"] == found["local"] == [0.0] * len(net.layers)
    assert math.isnan(cosine(torch.zeros(2), torch.ones(2)))


def test_pixels_that_are_always_black_do_no_harm() -> None:
    """They make the factors singular. Tested in float32 too."""
    net = Autoencoder([784, 12, 8, 12, 784], "relu", 0)
    images = torch.rand(40, 784)
    images[:, :300] = 0
    before = weights(net)
    move(net, [-1e-3 * gradient for gradient in slopes(net, images)])
    found = diagnose(net.layers, before, lambda: net.loss(images), generator())
    assert all(map(math.isfinite, found["to_shampoo"] + found["to_kfac"]))


def test_every_quantity_has_what_a_page_shows() -> None:
    assert len({quantity.label for quantity in LAYER_QUANTITIES.values()}) == len(LAYER_QUANTITIES)
    assert all(quantity.about.endswith(".") for quantity in LAYER_QUANTITIES.values())
    net, images = network()
    found = diagnose(net.layers, weights(net), lambda: net.loss(images), generator())
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(LAYER_QUANTITIES, len(net.layers))
