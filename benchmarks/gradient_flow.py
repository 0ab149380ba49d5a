"""Twins of 100 layers, 256 units and a batch of 256 take at most 2 s for both passes and all statistics."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch

from benchmarks._report import Figure, report
from engine.residuals import highway
from engine.signals import StackSpec, gradient_flow

RUNS = 5


def seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def main() -> None:
    torch.set_num_threads(1)
    large = StackSpec(depth=100, width=256, batch=256)
    gradient_flow(large)  # the first call allocates
    flows = [seconds(lambda: gradient_flow(large)) for _ in range(RUNS)]
    paths = [seconds(lambda: highway(StackSpec())) for _ in range(RUNS)]
    report(
        __file__,
        [
            Figure(f"100 layers x 256 x batch 256, twins, median of {RUNS}", median(flows), "s", 2),
            Figure("the default's paths by length", median(paths), "s"),
        ],
        conditions="One thread; drawing the weights, mean-field theory and histograms included.",
    )


if __name__ == "__main__":
    main()
