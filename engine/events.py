"""What long work says while it runs: events, and checkpoints to go on from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
"""JSON: what a watcher is shown. ``"kind"`` says what it is. An event that tells of the same thing as an earlier one
(a resumed run repeats some) carries the same ``"key"`` and replaces it; one without a key is a sign of life, of which
nothing is kept but the progress. ``"progress"``, where given, is the share of the work that is done, in [0, 1]."""


@dataclass(frozen=True)
class Checkpoint:
    """Part of the work's state; it replaces the earlier checkpoint of the same name.

    The latest one of each name is what the work goes on from, after the events that came before it.
    """

    name: str
    state: bytes


Work = Callable[[Any, Mapping[str, bytes]], Iterator[Event | Checkpoint]]
"""Long work: a generator over a spec and the checkpoints to go on from, none at first.

It can be closed at any event and stops there. Run again from its latest checkpoints it ends with the same numbers,
timings apart.
"""


def latest(events: Iterable[Event]) -> tuple[dict[str, Event], float]:
    """The last event of each key, and the greatest progress told."""
    told: dict[str, Event] = {}
    progress = 0.0
    for event in events:
        progress = max(progress, event.get("progress", 0.0))
        if "key" in event:
            told[event["key"]] = event
    return told, progress


def out_of_memory(error: Exception) -> bool:
    """Whether it says that memory was wanting: Python's error, torch's for a GPU, or torch's words on a processor."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"  # by its name, so that who has no tensors need not load torch
        or "allocate memory" in str(error)
    )
