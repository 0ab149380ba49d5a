"""How long it takes to send a batch through deep networks and measure it, beside the matrix products alone.

``python -m benchmarks.depth_passes`` prints the medians over five turns, on one thread, for four networks of 50 layers
of 512 units and a batch of 512. The networks are drawn beforehand.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from engine.activations.depth import batch, build, measured
from engine.activations.spec import DepthSpec
from engine.activations.units import Scheme

NAMES = ("relu", "tanh", "gelu", "sigmoid")
TURNS = 5


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def main() -> None:
    torch.set_num_threads(1)
    spec = DepthSpec(depth=50, width=512, batch=512, draws=1, schemes=tuple(Scheme(activation=name) for name in NAMES))
    inputs, labels = batch(spec)
    networks = [build(spec, scheme, spec.width, spec.seed) for scheme in spec.schemes]
    weight, bias = torch.randn(spec.width, spec.width), torch.zeros(spec.width)

    def passes() -> None:
        for network in networks:
            measured(spec, network, inputs, labels, True)

    def products() -> None:
        for _ in range(len(networks) * spec.depth):
            nn.functional.linear(inputs, weight, bias)
            _backward(inputs, weight)

    def _backward(rows: Tensor, matrix: Tensor) -> None:
        rows @ matrix
        rows.T @ rows

    pairs = [(seconds(passes), seconds(products)) for _ in range(TURNS)]
    whole, alone = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(first / second for first, second in pairs)
    print(f"passes {whole:.2f} s, products alone {alone:.2f} s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
