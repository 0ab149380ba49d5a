"""Initializations against torch's own rules and the variances that their papers state."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from engine.nn import INITIALIZERS

SHAPE = (300, 500)
GAIN = 1.7


def draw(name: str, seed: int = 0, shape: tuple[int, int] = SHAPE) -> torch.Tensor:
    return INITIALIZERS[name].draw(*shape, GAIN, torch.Generator().manual_seed(seed))


VARIANCES = {
    "gain": GAIN**2 / 500, "he_normal": 2 / 500, "he_uniform": 2 / 500, "he_out": 2 / 300, "lecun_normal": 1 / 500,
    "lecun_uniform": 1 / 500, "xavier_normal": 2 / 800, "xavier_uniform": 2 / 800, "torch": 1 / 1500,
    "orthogonal": GAIN**2 / 500, "small": 1e-4, "large": 1.0, "sparse": 15 / 500, "truncated": 0.0004 * 0.773741,
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANCES)
def test_its_variance_is_the_stated_one(name: str) -> None:
    weight = draw(name).double()
    error = weight.square().std().item() / math.sqrt(weight.numel())
    assert abs(weight.square().mean().item() - VARIANCES[name]) <= 5 * error
    assert abs(weight.mean().item()) <= 5 * math.sqrt(VARIANCES[name] / weight.numel())


@pytest.mark.parametrize("name", INITIALIZERS)
def test_its_expected_square_is_that_of_the_weights_that_it_draws(name: str) -> None:
    for shape in (SHAPE, (400, 100), (12, 12)):
        expected = INITIALIZERS[name].square(*shape, GAIN)
        squares = torch.stack([draw(name, seed, shape) for seed in range(3)]).double().square()
        error = squares.std().item() / math.sqrt(squares.numel())
        assert squares.mean().item() == pytest.approx(expected, abs=5 * error + 1e-9), shape
    if name in VARIANCES:
        assert INITIALIZERS[name].square(*SHAPE, GAIN) == pytest.approx(VARIANCES[name], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "fill"),
    [
        ("he_uniform", lambda w, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g)),
        ("he_normal", lambda w, g: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g)),
        ("he_out", lambda w, g: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu", generator=g)),
        ("xavier_uniform", lambda w, g: nn.init.xavier_uniform_(w, generator=g)),
        ("xavier_normal", lambda w, g: nn.init.xavier_normal_(w, generator=g)),
        ("torch", lambda w, g: nn.init.kaiming_uniform_(w, a=math.sqrt(5), generator=g)),
    ],
)
def test_it_draws_what_torch_draws(name: str, fill: Callable[[torch.Tensor, torch.Generator], torch.Tensor]) -> None:
    weight = torch.empty(SHAPE)
    fill(weight, torch.Generator().manual_seed(0))
    torch.testing.assert_close(draw(name), weight, rtol=1e-6, atol=0)


def test_orthogonal_keeps_every_direction() -> None:
    weight = draw("orthogonal").double()
    torch.testing.assert_close(weight @ weight.T, GAIN**2 * torch.eye(300, dtype=torch.float64), rtol=1e-5, atol=1e-5)


def test_sparse_units_listen_to_fifteen_inputs() -> None:
    assert set((draw("sparse") != 0).sum(1).tolist()) == {15}
    assert set((draw("sparse", shape=(4, 9)) != 0).sum(1).tolist()) == {9}


def test_truncated_normal_stays_within_two_deviations() -> None:
    assert draw("truncated").abs().max() <= 0.04


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_generator_decides_it(name: str) -> None:
    assert torch.equal(draw(name), draw(name))
    assert torch.equal(draw(name), draw(name, seed=1)) == (name in ("zeros", "identity"))


def test_each_has_what_a_page_shows() -> None:
    assert len(INITIALIZERS) >= 10
    labels = [one.label for one in INITIALIZERS.values()]
    assert len(set(labels)) == len(labels)
