"""Small convolutional and recurrent networks, against the same networks of torch's modules."""

import pytest
import torch
from torch import nn

from engine.nn import ACTIVATIONS
from engine.nn.networks import ConvolutionalNetwork, RecurrentNetwork


def fill(network: nn.Module) -> None:
    generator = torch.Generator().manual_seed(0)
    for weight in network.parameters():
        weight.data.normal_(0, 0.4, generator=generator)


@pytest.mark.parametrize(("shape", "layer"), [((2, 21), nn.Conv1d), ((2, 21, 10), nn.Conv2d)])
def test_a_convolutional_network_is_torchs_layers_in_a_row(shape: tuple[int, ...], layer: type[nn.Module]) -> None:
    ours = ConvolutionalNetwork(shape, 5, 5, 4, ACTIVATIONS["tanh"]).double()
    fill(ours)
    parts: list[nn.Module] = []
    for number in range(5):
        parts += [layer(5 if number else 2, 5, 3, 2 if number < 3 else 1, 1), nn.Tanh()]
    theirs = nn.Sequential(*parts, nn.Flatten(), nn.Linear(ours.head.in_features, 4)).double()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    signal = torch.randn(3, *shape, dtype=torch.float64)
    torch.testing.assert_close(ours(signal), theirs(signal), rtol=1e-12, atol=1e-12)
    assert torch.equal(ours.outputs(signal)[-1].flatten(1) @ ours.head.weight.T + ours.head.bias, ours(signal))


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_recurrent_network_is_torchs(activation: str) -> None:
    ours = RecurrentNetwork(2, 6, 3, 4, ACTIVATIONS[activation]).double()
    fill(ours)
    theirs = nn.RNN(2, 6, 3, nonlinearity=activation, batch_first=True).double()
    state = {f"{name}_l{number}": value for number, layer in enumerate(ours.layers)
             for name, value in layer.cell.state_dict().items()}  # type: ignore[union-attr]  # fmt: skip
    theirs.load_state_dict(state)
    sequence = torch.randn(3, 8, 2, dtype=torch.float64)
    last = theirs(sequence)[0][:, -1]
    torch.testing.assert_close(ours(sequence), ours.head(last), rtol=1e-12, atol=1e-12)
    assert [states.shape for states in ours.outputs(sequence)] == [(3, 8, 6)] * 3


def test_a_network_needs_a_layer() -> None:
    with pytest.raises(ValueError, match="at least one convolution"):
        ConvolutionalNetwork((1, 9), 4, 0, 2, ACTIVATIONS["relu"])
    with pytest.raises(ValueError, match="at least one layer"):
        RecurrentNetwork(1, 4, 0, 2, ACTIVATIONS["relu"])
