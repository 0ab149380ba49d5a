"""Rough work and memory of a training step on a network of linear layers.

They say how long a race will take, and whether it fits into memory.
"""

from dataclasses import dataclass
from itertools import pairwise

UPDATE = 450.0
"""Operations of an elementwise optimizer for each weight. It waits for memory, while products do not."""

CALLS = 1.4e7
"""Operations that count for the calls of a layer's forward pass, backward pass and update, however small it is."""


@dataclass(frozen=True)
class Workload:
    """One batch on one network.

    units: number of units of each layer, input and output included. batch: number of rows.
    Work is counted in floating-point operations of matrix products. Slower operations count more, in proportion to
    their time. Some constants here and in ``Costs.network_work`` were fitted to measured steps of all optimizers on two
    CPU cores, with ``benchmarks/race_length.py``.
    """

    units: tuple[int, ...]
    batch: int

    def shapes(self) -> list[tuple[int, int]]:
        """(inputs + 1, outputs) of each layer: the bias counts as an input."""
        return [(inputs + 1, outputs) for inputs, outputs in pairwise(self.units)]

    def forward(self) -> float:
        """Work of the forward pass, which is also that of each of the two products of the backward pass."""
        return 2.0 * self.batch * self.weights()

    def update(self) -> float:
        """Work of one update of all weights by an elementwise rule, with the calls that led to it."""
        return sum(UPDATE * inputs * outputs + CALLS for inputs, outputs in self.shapes())

    def step(self) -> float:
        """Work of a gradient and such an update."""
        return 3 * self.forward() + self.update()

    def weights(self) -> int:
        """The number of weights and biases."""
        return sum(inputs * outputs for inputs, outputs in self.shapes())

    def squares(self) -> int:
        """The number of entries of two square matrices for each layer, one over its inputs and one over its outputs."""
        return sum(inputs**2 + outputs**2 for inputs, outputs in self.shapes())

    def covariances(self) -> float:
        """Work of X^T X and D^T D in each layer, with X its inputs and D the slopes of its outputs."""
        return 2.0 * self.batch * self.squares()

    def sandwich(self) -> float:
        """Work of L G R in each layer, with G of the weight's shape."""
        return 2.0 * sum(inputs * outputs * (inputs + outputs) for inputs, outputs in self.shapes())

    def cubes(self) -> float:
        """The sum of inputs^3 and outputs^3 over the layers. The work of decompositions is a multiple of it."""
        return float(sum(inputs**3 + outputs**3 for inputs, outputs in self.shapes()))
