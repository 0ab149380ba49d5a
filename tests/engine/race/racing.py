"""Small races, how they are run to their end, and what their events report."""

from collections.abc import Generator, Mapping
from typing import Any, TypeVar

from engine.events import Checkpoint, Event
from engine.optimizers import Lane
from engine.optimizers.adaptive import Adam
from engine.optimizers.layered import LocoPropM
from engine.race import RaceSpec, race

Item = Event | Checkpoint
LANES: tuple[Lane, ...] = (Adam(lr=1e-3), LocoPropM())
TIMINGS = {"seconds"}


def spec(**changes: Any) -> RaceSpec:
    settings = {"images": 200, "batch": 40, "width": 0.02, "epochs": 2, "warmup": 0, "lanes": LANES, "look": False}
    return RaceSpec(**settings | changes)


def run(settings: RaceSpec, checkpoints: Mapping[str, bytes] | None = None) -> list[Item]:
    return list(race(settings, checkpoints))


def numbers(items: list[Item]) -> dict[str, Event]:
    """The last event of each key, without its timings."""
    told = {item["key"]: item for item in items if isinstance(item, dict) and "key" in item}
    return {key: {name: value for name, value in event.items() if name not in TIMINGS} for key, event in told.items()}


def points(items: list[Item], **where: Any) -> list[Event]:
    events = [item for item in items if isinstance(item, dict) and item["kind"] == "point"]
    return [event for event in events if all(event[name] == value for name, value in where.items())]


def same(one: Any, other: Any) -> bool:
    """Equality to the last bit. NaN equals NaN."""
    return repr(one) == repr(other)


T = TypeVar("T")


def returned(steps: Generator[None, None, T]) -> T:
    """Run a generator to its end, and return its return value."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
