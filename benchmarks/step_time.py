"""A step of LocoProp beside one of Adam and of the PyPI package ``locoprop``, on the published network.

LocoProp-M may take 1.25 times what its operations say, LocoProp-S 0.6 of LocoProp-M, and both less than the package.
The package is none of the lab's requirements: ``.venv/bin/pip install --no-deps locoprop==0.1.0``.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch
from torch import nn

from benchmarks._report import Figure, report
from engine.optimizers import RACERS
from engine.race import published
from engine.race.network import Autoencoder

ROUNDS = 9
STEPS = 10


def ours(key: str, images: torch.Tensor) -> Callable[[], object]:
    """A step of one of the lab's lanes."""
    net = Autoencoder(published().units(), "tanh", seed=0)
    optimizer = RACERS[key]().over(net.layers)
    if key != "adam":
        return lambda: optimizer.step(lambda: net.loss(images))  # type: ignore[arg-type, return-value]

    def step() -> None:
        optimizer.zero_grad()
        net.loss(images).backward()
        optimizer.step()

    return step


def package(images: torch.Tensor) -> Callable[[], object]:
    """A step of the package on the same network with as many local steps."""
    from locoprop import LocoLayer, LocopropTrainer

    net = Autoencoder(published().units(), "tanh", seed=0)
    model = nn.Sequential(*(LocoLayer(layer, transfer.f, last) for (layer, transfer), last in ends(net)))
    trainer = LocopropTrainer(model, lambda out, target: bce(out, target) / len(images), local_iterations=STEPS)
    return lambda: trainer.step(images, images)


def ends(net: Autoencoder) -> list[tuple[tuple[nn.Linear, object], bool]]:
    """Each layer, and whether it is the last, whose transfer function the loss implies."""
    return [(pair, pair is net.layers[-1]) for pair in net.layers]


bce = nn.BCEWithLogitsLoss(reduction="sum")


def seconds(step: Callable[[], object]) -> float:
    begin = perf_counter()
    step()
    return perf_counter() - begin


def main() -> None:
    spec = published()
    images = torch.rand(spec.batch, 784, generator=torch.Generator().manual_seed(0))
    steps = {key: ours(key, images) for key in ("adam", "locopropm", "locoprops")} | {"package": package(images)}
    for step in steps.values():
        step()
    # In turns, so that a slow moment of the machine hits all alike.
    times = [{name: seconds(step) for name, step in steps.items()} for _ in range(ROUNDS)]

    def ratio(name: str, other: str) -> float:
        return median(one[name] / one[other] for one in times)

    report(
        __file__,
        [
            Figure("A step of Adam, median", 1000 * median(one["adam"] for one in times), "ms"),
            Figure("LocoProp-M over Adam", ratio("locopropm", "adam"), "times", 1.25 * 8.0),
            Figure("LocoProp-S over LocoProp-M", ratio("locoprops", "locopropm"), "times", 0.6),
            Figure("LocoProp-M over the package", ratio("locopropm", "package"), "times", 1.0),
            Figure("LocoProp-S over the package", ratio("locoprops", "package"), "times", 1.0),
        ],
        conditions=f"{torch.get_num_threads()} threads; 784-1000-500-250-30 and back, tanh, batch 1,000, T = {STEPS}; "
        f"medians of the ratios of {ROUNDS} rounds.",
    )


if __name__ == "__main__":
    main()
