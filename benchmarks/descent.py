"""Six optimizers take at most 300 ms for 300 steps on one thread, with every diagnostic that the page shows."""

from statistics import median
from time import perf_counter

import torch

from benchmarks._report import Figure, report
from engine.optimizers import CATALOGUE
from engine.surfaces import DescentSpec, descend, outcomes

LANES = ("sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam")
RUNS = 20


def milliseconds(spec: DescentSpec) -> float:
    begin = perf_counter()
    outcomes(descend(spec))
    return 1000 * (perf_counter() - begin)


def main() -> None:
    torch.set_num_threads(1)
    spec = DescentSpec(surface="rosenbrock", lanes=tuple(CATALOGUE[name].plain() for name in LANES), steps=300)
    milliseconds(spec)  # the first call imports and allocates
    times = [milliseconds(spec) for _ in range(RUNS)]
    report(
        __file__,
        [
            Figure(f"Six optimizers, 300 steps, median of {RUNS} runs", median(times), "ms", 300),
            Figure("best", min(times), "ms"),
        ],
        conditions=f"One thread; {', '.join(LANES)} on rosenbrock; diagnostics and outcomes included.",
    )


if __name__ == "__main__":
    main()
