"""What a long computation yields while it runs: events for its viewers, and checkpoints to resume from."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]
"""A JSON object that reports something to all who watch the computation.

``"kind"`` says what the event reports. An event replaces the earlier event with the same ``"key"``, because a resumed
run repeats some of its events. An event without a key is a heartbeat: only its progress is stored. ``"progress"`` is
optional. It is the share of the work that is done, in [0, 1].
"""


@dataclass(frozen=True)
class Checkpoint:
    """Part of the state of a computation. A checkpoint replaces the earlier one with the same name.

    The computation resumes from the latest checkpoint of each name. It need not repeat the events that came before that
    checkpoint.
    """

    name: str
    state: bytes


Work = Callable[[Any, Mapping[str, bytes]], Iterator[Event | Checkpoint]]
"""A long computation: a generator function of a spec and of the checkpoints to resume from, name -> state.

There are no checkpoints at the first start. The generator can be closed at any event, and the computation stops there.
If it is started again from its latest checkpoints, it ends with the same numbers. Only measured times differ.
"""


def latest(events: Iterable[Event]) -> tuple[dict[str, Event], float]:
    """Return the last event of each key, and the greatest progress that was reported."""
    told: dict[str, Event] = {}
    progress = 0.0
    for event in events:
        progress = max(progress, event.get("progress", 0.0))
        if "key" in event:
            told[event["key"]] = event
    return told, progress


def out_of_memory(error: Exception) -> bool:
    """Whether ``error`` means that memory ran out.

    It can be Python's MemoryError, torch's exception for a GPU, or torch's error message for a CPU.
    """
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"  # by name, so that torch need not be imported
        or "allocate memory" in str(error)
    )
