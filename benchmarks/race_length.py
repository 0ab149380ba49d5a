"""How well a race's length is estimated: the work of a step by ``Lane.network_work``, beside the time of the step.

Every optimizer of the race page is measured with its defaults. If it decomposes matrices, it is also measured with a
decomposition in every step. Networks and batches are small and large. The estimate must be right within a factor of
three, because visitors plan by it, and because it limits the work of a link.
"""

from time import perf_counter

import torch

from benchmarks._report import Figure, report
from engine.devices import device_name, one_thread
from engine.optimizers import RACERS, Lane
from engine.optimizers.layered import LocoPropM, LocoPropS
from engine.race.network import Autoencoder
from engine.race.spec import PACE, SMALL_PACE, RaceSpec
from engine.training import update

LIMIT = 3.0

SPECS = [
    RaceSpec(width=0.02, batch=10), RaceSpec(), RaceSpec(batch=10), RaceSpec(depth=6), RaceSpec(width=1, batch=1_000),
    RaceSpec(width=1, batch=10), RaceSpec(width=2, batch=100),
]  # fmt: skip

LANES: list[Lane] = [
    *(record.plain() for record in RACERS.values()),
    *(record.plain().but(refresh=1) for key, record in RACERS.items() if "refresh" in record.model_fields),
    LocoPropS(inner="exact", regularizer=1.0),
    LocoPropM(steps=1),
]


def seconds(lane: Lane, spec: RaceSpec) -> float:
    """The mean time of a step, over whole periods of the lane and at least half a second."""
    images = torch.rand(spec.batch, 784, generator=torch.Generator().manual_seed(0))
    net = Autoencoder(spec.units(), spec.transfer, seed=0)
    optimizer = lane.over(net.layers)

    def step() -> None:
        update(optimizer, lambda: net.loss(images), lane.closure == "loss")

    for _ in range(lane.settled() + 1):
        step()
    begin, steps = perf_counter(), 0
    while steps % lane.period() or not steps or perf_counter() - begin < 0.5:
        step()
        steps += 1
    return (perf_counter() - begin) / steps


def main() -> None:
    ratios: dict[str, float] = {}
    for spec in SPECS:
        pace = SMALL_PACE if spec.small() else PACE
        with one_thread(spec.small()):
            for lane in LANES:
                settings = "".join(f", {name} {value}" for name, value in dict(lane).items() if name == "refresh")
                name = f"{lane.called()}{settings} at width {spec.width}, depth {spec.depth}, batch {spec.batch}"
                ratios[name] = lane.network_work(spec.workload()) / pace / seconds(lane, spec)
                print(f"{name}: the estimate is {ratios[name]:.2f} times the measured time", flush=True)
    most, least = max(ratios, key=ratios.__getitem__), min(ratios, key=ratios.__getitem__)
    report(
        __file__,
        [
            Figure(f"The estimate most above the measured time: {most}", ratios[most], "times", LIMIT),
            Figure(f"The estimate most below: {least}", 1 / ratios[least], "times", LIMIT),
        ],
        conditions=f"{device_name('cpu')}; {len(LANES)} lanes, {len(SPECS)} networks.",
    )


if __name__ == "__main__":
    main()
