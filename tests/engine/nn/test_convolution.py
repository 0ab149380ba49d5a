"""Convolution against torch's own modules and against its laws."""

import math

import pytest
import torch
from torch import nn

from engine.nn import INITIALIZERS, Convolution
from engine.nn.convolution import patches

EXACT = {torch.float64: 1e-12, torch.float32: 1e-5}
SHAPES = {1: (4, 3, 17), 2: (4, 3, 12, 9)}


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize(("size", "stride", "padding"), [(3, 1, 1), (5, 2, 0), (4, 3, 2), (1, 1, 0)])
def test_it_is_torchs_convolution(axes: int, size: int, stride: int, padding: int, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    theirs = {1: nn.Conv1d, 2: nn.Conv2d}[axes]
    other = theirs(3, 6, size, stride, padding, dtype=dtype)
    ours = Convolution(3, 6, size, stride, padding, axes).to(dtype)
    ours.load_state_dict(other.state_dict())
    signal = torch.randn(SHAPES[axes], dtype=dtype, requires_grad=True)
    out, expected = ours(signal), other(signal)
    torch.testing.assert_close(out, expected, rtol=EXACT[dtype], atol=EXACT[dtype])
    mine = torch.autograd.grad(out.square().sum(), [signal, *ours.parameters()])
    known = torch.autograd.grad(expected.square().sum(), [signal, *other.parameters()])
    torch.testing.assert_close(mine, known, rtol=20 * EXACT[dtype], atol=20 * EXACT[dtype])


def test_patches_of_an_image_are_those_of_torchs_unfold() -> None:
    image = torch.randn(SHAPES[2])
    expected = nn.functional.unfold(image, 3, padding=1, stride=2).transpose(1, 2)
    assert torch.equal(patches(image, 3, 2, 1).flatten(1, 2), expected)


def test_the_patches_of_a_signal_are_its_windows() -> None:
    signal = torch.arange(6.0)[None, None]
    assert patches(signal, 3).tolist() == [[[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]]]
    assert patches(signal, 3, stride=3, padding=1).tolist() == [[[0, 0, 1], [2, 3, 4]]]


@pytest.mark.parametrize("axes", [1, 2])
def test_a_shifted_signal_gives_a_shifted_output(axes: int) -> None:
    layer = Convolution(2, 5, 3, axes=axes).double()
    layer.draw(INITIALIZERS["lecun_normal"], 1.0, torch.Generator().manual_seed(0))
    signal = torch.randn(1, 2, *[10] * axes, dtype=torch.float64)
    later = signal.roll(1, -1)
    torch.testing.assert_close(layer(later)[..., 1:], layer(signal)[..., :-1], rtol=1e-12, atol=1e-12)


def test_a_patch_of_the_whole_signal_makes_it_a_linear_layer() -> None:
    layer = Convolution(2, 5, 7).double()
    layer.draw(INITIALIZERS["lecun_normal"], 1.0, torch.Generator().manual_seed(0))
    signal = torch.randn(3, 2, 7, dtype=torch.float64)
    torch.testing.assert_close(layer(signal)[..., 0], signal.flatten(1) @ layer.weight.flatten(1).T)


@pytest.mark.parametrize(("axes", "inputs"), [(1, 32 * 5), (2, 32 * 25)])
def test_the_fan_in_is_that_of_a_patch_so_the_variance_of_a_signal_is_kept(axes: int, inputs: int) -> None:
    layer = Convolution(32, 64, 5, axes=axes)
    layer.draw(INITIALIZERS["lecun_normal"], 1.0, torch.Generator().manual_seed(0))
    assert layer.weight.std().item() == pytest.approx(1 / math.sqrt(inputs), rel=0.03)
    signal = torch.randn(8, 32, *[40] * axes, generator=torch.Generator().manual_seed(1))
    assert layer(signal).square().mean().item() == pytest.approx(1, rel=0.06)


def test_a_signal_shorter_than_a_patch_is_refused() -> None:
    with pytest.raises(ValueError, match="a patch of 5 does not fit into a signal of 2"):
        Convolution(1, 1, 5, padding=1)(torch.zeros(1, 1, 2))
