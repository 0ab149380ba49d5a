"""Races with invented numbers, so that it is known who leads."""

from engine.events import Event
from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD
from engine.optimizers.layered import LocoPropM
from engine.race import RaceSpec
from engine.race.layer_diagnostics import LAYER_QUANTITIES

SPEC = RaceSpec(lanes=(Adam(), LocoPropM(), SGD()), epochs=3, seeds=2)


def point(lane: int, seed: int, epoch: int, seconds: float, loss: float) -> Event:
    return {
        "kind": "point", "key": f"point/{seed}/{lane}/{epoch}", "lane": lane, "seed": seed, "epoch": epoch,
        "step": 10 * epoch, "seconds": seconds, "train_loss": loss, "test_loss": loss + 1, "train_error": 1.0,
        "test_error": 2.0, "pictures": "",
        "layers": {part: [float(epoch)] * 8 for part in LAYER_QUANTITIES} if epoch else {},
    }  # fmt: skip


def events(losses: dict[int, list[float]], pace: dict[int, float]) -> list[Event]:
    """losses: lane -> loss by epoch on the first seed. The second seed adds 1. pace: lane -> seconds per epoch."""
    start: Event = {"kind": "start", "key": "start", "gradient": 5.0, "source": "invented", "notice": ""}
    costs = [
        {"kind": "cost", "key": f"cost/{lane}", "lane": lane, "flops": 5.0 * work, "state": 10, "peak": 100}
        for lane, work in enumerate((1, 8, 1))
    ]
    points = [
        point(lane, seed, epoch, pace[lane] * epoch, loss + seed)
        for lane, own in losses.items()
        for seed in (0, 1)
        for epoch, loss in enumerate(own)
    ]
    return [start, *costs, *points]
