"""A textbook's example of the effect of shortcuts on gradients.

Source: Raschka, Build a Large Language Model (From Scratch), 2024, section 4.4. The network has five layers of Linear
and GELU. A shortcut adds a layer's input to the layer's output if the two shapes agree.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd
import torch
from torch import Tensor, nn

UNITS = (3, 3, 3, 3, 3, 1)
SEED = 123


class GELU(nn.Module):
    """z Phi(z), approximated with tanh."""

    def forward(self, z: Tensor) -> Tensor:
        return 0.5 * z * (1 + torch.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))


class DeepNetwork(nn.Module):
    """Layers of Linear and GELU. With shortcuts, x becomes x + layer(x) if the shapes of x and layer(x) agree."""

    def __init__(self, units: tuple[int, ...], shortcuts: bool) -> None:
        super().__init__()
        self.shortcuts = shortcuts
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(inputs, outputs), GELU()) for inputs, outputs in pairwise(units)
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            out = layer(x)
            x = x + out if self.shortcuts and x.shape == out.shape else out
        return x


def mean_gradients(shortcuts: bool) -> list[float]:
    """Mean |gradient| of each layer's weight, first to last. The input is (1, 0, -1), the loss the squared output."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = DeepNetwork(UNITS, shortcuts)
    loss = nn.functional.mse_loss(network(torch.tensor([[1.0, 0.0, -1.0]])), torch.tensor([[0.0]]))
    weights = [weight for name, weight in network.named_parameters() if name.endswith("weight")]
    return [float(gradient.abs().mean()) for gradient in torch.autograd.grad(loss, weights)]


@dataclass(frozen=True)
class Textbook:
    """Mean |gradient| of each layer's weight, first to last, without and with shortcuts."""

    plain: list[float]
    residual: list[float]

    def table(self) -> pd.DataFrame:
        """One row for each layer."""
        layers = range(1, len(self.plain) + 1)
        return pd.DataFrame({"layer": layers, "plain": self.plain, "residual": self.residual})


def textbook() -> Textbook:
    """Compute the gradients of the example without and with shortcuts."""
    return Textbook(mean_gradients(False), mean_gradients(True))
