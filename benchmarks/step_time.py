"""The time of a step of LocoProp, beside a step of Adam and of the PyPI package ``locoprop``, on the published network.

On a CPU, LocoProp-M may take at most 1.25 times as long as its count of operations predicts, LocoProp-S at most 0.6
times as long as LocoProp-M, and both at most as long as the package. With ``--device cuda`` the limits are 1.5 times
what the count of LocoProp-M predicts, and a fifth of the package's time for both.
"""

import argparse
from collections.abc import Callable
from statistics import median
from time import perf_counter

import torch
from torch import nn

from benchmarks._report import Figure, report
from engine.devices import device_name, resolve
from engine.nn import Transfer
from engine.optimizers import RACERS
from engine.race import published
from engine.race.network import Autoencoder
from engine.training import update

ROUNDS = 25
STEPS = 10
OPERATIONS = 8.0
"""The operations of a step of LocoProp-M with ``STEPS`` local steps, over those of a step of Adam."""


def ours(key: str, images: torch.Tensor) -> Callable[[], object]:
    """A function that takes one step of one of the lab's lanes."""
    lane = RACERS[key].plain()
    net = Autoencoder(published().units(), "tanh", seed=0).to(images.device)
    optimizer = lane.over(net.layers)
    return lambda: update(optimizer, lambda: net.loss(images), lane.closure == "loss")


def package(images: torch.Tensor) -> Callable[[], object]:
    """A function that takes one step of the package, on the same network and with as many local steps."""
    from locoprop import LocoLayer, LocopropTrainer

    net = Autoencoder(published().units(), "tanh", seed=0).to(images.device)
    model = nn.Sequential(*(LocoLayer(layer, transfer.f, last) for (layer, transfer), last in ends(net)))
    trainer = LocopropTrainer(model, lambda out, target: bce(out, target) / len(images), local_iterations=STEPS)
    return lambda: trainer.step(images, images)


def ends(net: Autoencoder) -> list[tuple[tuple[nn.Linear, Transfer], bool]]:
    """Each layer, and whether it is the last layer. The loss implies the transfer function of the last layer."""
    return [(pair, pair is net.layers[-1]) for pair in net.layers]


bce = nn.BCEWithLogitsLoss(reduction="sum")


def seconds(step: Callable[[], object], device: str) -> float:
    begin = perf_counter()
    step()
    if device == "cuda":
        torch.cuda.synchronize()
    return perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    device = resolve(parser.parse_args().device)
    over_operations, over_package = (1.5, 0.2) if device == "cuda" else (1.25, 1.0)
    spec = published()
    images = torch.rand(spec.batch, 784, generator=torch.Generator().manual_seed(0)).to(device)
    steps = {key: ours(key, images) for key in ("adam", "locopropm", "locoprops")} | {"package": package(images)}
    for step in steps.values():
        seconds(step, device)
    # The steps take turns, so that a slow moment of the machine affects all of them equally.
    times = [{name: seconds(step, device) for name, step in steps.items()} for _ in range(ROUNDS)]

    def ratio(name: str, other: str) -> float:
        return median(one[name] / one[other] for one in times)

    report(
        __file__,
        [
            Figure("A step of Adam, median", 1000 * median(one["adam"] for one in times), "ms"),
            Figure("LocoProp-M over Adam", ratio("locopropm", "adam"), "times", over_operations * OPERATIONS),
            Figure("LocoProp-S over LocoProp-M", ratio("locoprops", "locopropm"), "times", 0.6),
            Figure("LocoProp-M over the package", ratio("locopropm", "package"), "times", over_package),
            Figure("LocoProp-S over the package", ratio("locoprops", "package"), "times", over_package),
        ],
        conditions=f"{device_name(device)}, {torch.get_num_threads()} threads; 784-1000-500-250-30 and back, tanh, "
        f"batch 1,000, T = {STEPS}; medians of the ratios of {ROUNDS} rounds.",
    )


if __name__ == "__main__":
    main()
