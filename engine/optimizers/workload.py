"""How much work a training step is on a network of linear layers, and how much it holds, roughly: to tell how long a
race will take, and which one would never fit."""

from dataclasses import dataclass
from itertools import pairwise

UPDATE = 450.0
"""Of each weight, what an elementwise optimizer does to it: it waits for memory where products do not."""

CALLS = 1.4e7
"""Of each layer, the calls of a forward pass, a backward pass and an update, however small they are."""


@dataclass(frozen=True)
class Workload:
    """A batch of so many rows on a network; ``units``: of each layer, input and output included.

    Its numbers are floating-point operations of matrix products; what is slower counts for as many as take as long.
    What is no plain count, here and in ``Lane.network_work``, was fitted to steps of all optimizers on two CPU cores:
    ``benchmarks/race_length.py``.
    """

    units: tuple[int, ...]
    batch: int

    def shapes(self) -> list[tuple[int, int]]:
        """Inputs, the bias's included, and outputs of each layer."""
        return [(inputs + 1, outputs) for inputs, outputs in pairwise(self.units)]

    def forward(self) -> float:
        """Of the forward pass, and of each of the two products of the backward pass."""
        return 2.0 * self.batch * self.weights()

    def update(self) -> float:
        """Of one update of all weights by an elementwise rule, with the calls that led to it."""
        return sum(UPDATE * inputs * outputs + CALLS for inputs, outputs in self.shapes())

    def step(self) -> float:
        """Of a gradient and such an update."""
        return 3 * self.forward() + self.update()

    def weights(self) -> int:
        """Numbers in all weights and biases."""
        return sum(inputs * outputs for inputs, outputs in self.shapes())

    def squares(self) -> int:
        """Numbers in a matrix as wide as each layer's inputs and one as wide as its outputs."""
        return sum(inputs**2 + outputs**2 for inputs, outputs in self.shapes())

    def covariances(self) -> float:
        """Of X^T X and D^T D, of what each layer was given and of the slopes of what it gave."""
        return 2.0 * self.batch * self.squares()

    def sandwich(self) -> float:
        """Of L G R in each layer, G of the weight's shape."""
        return 2.0 * sum(inputs * outputs * (inputs + outputs) for inputs, outputs in self.shapes())

    def cubes(self) -> float:
        """The third powers of each layer's inputs and outputs, of which decompositions are multiples."""
        return float(sum(inputs**3 + outputs**3 for inputs, outputs in self.shapes()))
