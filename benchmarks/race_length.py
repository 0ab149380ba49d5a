"""How well a race's length is foretold: what ``Lane.network_work`` says of a step beside what the step takes.

Every optimizer that races, by its defaults and, where matrices are decomposed, at every step; on small and large
networks and batches. Within a factor of three: the estimate is what people plan by, and what a link may not exceed.
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
    """Of a step, the mean over a whole period of the lane's, and over half a second at least."""
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
                name = f"{lane.display.label}{settings} at width {spec.width}, depth {spec.depth}, batch {spec.batch}"
                ratios[name] = lane.network_work(spec.workload()) / pace / seconds(lane, spec)
                print(f"{name}: foretold {ratios[name]:.2f} of what it took", flush=True)
    most, least = max(ratios, key=ratios.__getitem__), min(ratios, key=ratios.__getitem__)
    report(
        __file__,
        [
            Figure(f"Most above what it took: {most}", ratios[most], "times", LIMIT),
            Figure(f"Most below: {least}", 1 / ratios[least], "times", LIMIT),
        ],
        conditions=f"{device_name('cpu')}; {len(LANES)} lanes, {len(SPECS)} networks.",
    )


if __name__ == "__main__":
    main()
