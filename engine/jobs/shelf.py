"""A job's files: its events and its latest checkpoints, from which it goes on after any interruption.

The worker writes them beside itself. On its own cluster the app and the worker share one folder, and nothing else is
sent; from an outside cluster the app fetches copies of the same files.

``events``: a line for each event with a key, ``NUMBER JSON``, written before anything that comes later: whatever a
checkpoint presumes can be told again. ``starts``: a line for each start, the name of the attempt. ``NAME.state``: a
checkpoint, after eight bytes of its number. Numbers grow along the job's whole life, on whichever machine it runs;
events and checkpoints draw them from one series, so that they say what came first.
"""

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from engine.events import Checkpoint

EVENTS, STARTS, STATE = "events", "starts", ".state"
HEADER = 8


class Shelf:
    """The files of one job in ``folder``, which need not exist. Raises OSError where they cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: int | None = None
        self.count = 0
        """Events on the shelf."""

    def begin(self, attempt: str) -> int:
        """Note a start. Returns how many times a worker died of this attempt."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / STARTS).open("a+") as starts:
            print(attempt, file=starts, flush=True)
            starts.seek(0)
            return starts.read().split().count(attempt) - 1

    def add(self, text: str) -> int:
        """Keep an event; returns its number."""
        number = self.number()
        with (self.folder / EVENTS).open("a", encoding="utf-8") as events:
            events.write(f"{number} {text}\n")
        self.count += 1
        return number

    def keep(self, checkpoint: Checkpoint) -> None:
        """Put ``checkpoint`` in the place of the earlier one of its name, in one step."""
        number = self.number()
        path = self.folder / (quote(checkpoint.name, safe="") + STATE)
        _replace(path, number.to_bytes(HEADER, "big") + checkpoint.state)

    def states(self) -> dict[str, bytes]:
        """The latest checkpoints by name."""
        return {unquote(path.stem): path.read_bytes()[HEADER:] for path in self._state_files()}

    def events(self) -> list[tuple[int, str]]:
        """Numbers and JSON of the events, in order."""
        path = self.folder / EVENTS
        return parsed({EVENTS: path.read_bytes()} if path.exists() else {})

    def mend(self) -> None:
        """Cut off a line that a death or a full disk left unfinished, and count the others."""
        path = self.folder / EVENTS
        if path.exists():
            whole = path.read_bytes().rfind(b"\n") + 1
            os.truncate(path, whole)
        self.count = len(self.events())
        self._last = max(_extent(self.files()))

    def files(self) -> dict[str, bytes]:
        """All there is, by file name: what ``take`` puts on another shelf."""
        return {path.name: path.read_bytes() for path in self._paths() if path.suffix in ("", STATE)}

    def take(self, files: Mapping[str, bytes]) -> None:
        """Become a copy of ``files`` where they have come further than what is here."""
        if _extent(files) <= _extent(self.files()):
            return
        self.remove()
        self.folder.mkdir(parents=True)
        for name, data in files.items():
            _replace(self.folder / Path(name).name, data)

    def number(self) -> int:
        """The next of the series: microseconds since 1970, or one more than the last; so a machine without these files
        goes on behind them."""
        self._last = max((self._last or 0) + 1, time.time_ns() // 1_000)
        return self._last

    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self._paths())

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _paths(self) -> list[Path]:
        return list(self.folder.iterdir()) if self.folder.exists() else []

    def _state_files(self) -> list[Path]:
        return [path for path in self._paths() if path.suffix == STATE]


def parsed(files: Mapping[str, bytes]) -> list[tuple[int, str]]:
    """Numbers and JSON of the events among ``files``, in order; without a line that was cut short."""
    lines = files.get(EVENTS, b"").decode().split("\n")[:-1]
    return [(int(number), text) for number, _, text in (line.partition(" ") for line in lines)]


def _extent(files: Mapping[str, bytes]) -> tuple[int, int]:
    """How far ``files`` have come: numbers of the latest checkpoint and the latest event, 0 where there is none."""
    states = (int.from_bytes(data[:HEADER], "big") for name, data in files.items() if name.endswith(STATE))
    return max(states, default=0), max((number for number, _ in parsed(files)), default=0)


def _replace(path: Path, data: bytes) -> None:
    """Write ``path`` in one step: a reader, and whoever comes after a death, finds the old or the new, whole."""
    half = path.with_name(path.name + ".half")
    half.write_bytes(data)
    half.replace(path)
