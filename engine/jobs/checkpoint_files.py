"""The files of a job: its events and its latest checkpoints. From them the job resumes after any interruption.

The worker writes the files to its own disk. The app and its own worker share one folder, so no files need to be sent.
From an outside cluster, the app fetches copies of the files.

``events``: one line for each event with a key, ``NUMBER JSON``. An event is written before the computation continues,
so the events that a checkpoint builds on can always be sent again. ``starts``: one line for each start, with the name
of the attempt. ``NAME.state``: a checkpoint, after 8 bytes that hold its number.

Events and checkpoints share one series of numbers, which shows their order. The numbers grow during the whole life of
the job, also when it moves to another machine.
"""

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from engine.events import Checkpoint
from engine.experiment import write_whole

EVENTS, STARTS, STATE = "events", "starts", ".state"
HEADER = 8


class CheckpointFiles:
    """The files of one job in ``folder``, which need not exist yet. Raises OSError if they cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = self.size = 0  # the number of stored events, and their length as JSON
        self._last = 0

    def begin(self, attempt: str) -> int:
        """Record a start. Returns how often a worker died during this attempt."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / STARTS).open("a+") as starts:
            print(attempt, file=starts, flush=True)
            starts.seek(0)
            return starts.read().split().count(attempt) - 1

    def add(self, text: str) -> int:
        """Store an event. Returns its number."""
        number = self.number()
        with (self.folder / EVENTS).open("a", encoding="utf-8") as events:
            events.write(f"{number} {text}\n")
        self.count += 1
        self.size += len(text)
        return number

    def keep(self, checkpoint: Checkpoint) -> None:
        """Replace the earlier checkpoint of the same name, atomically."""
        path = self.folder / (quote(checkpoint.name, safe="") + STATE)
        write_whole(path, self.number().to_bytes(HEADER, "big") + checkpoint.state)

    def states(self) -> dict[str, bytes]:
        """The latest checkpoints by name."""
        paths = (path for path in self._paths() if path.suffix == STATE)
        return {unquote(path.stem): path.read_bytes()[HEADER:] for path in paths}

    def mend(self) -> list[tuple[int, str]]:
        """Remove a line that a death or a full disk left unfinished. Returns the number and JSON of each event."""
        path = self.folder / EVENTS
        if path.exists():
            os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
        files = self.files()
        events = parsed(files)
        self.count, self.size = len(events), sum(len(text) for _, text in events)
        self._last = max(_newest(files))
        return events

    def files(self) -> dict[str, bytes]:
        """The content of all files by name, for the ``take`` of another machine."""
        return {path.name: path.read_bytes() for path in self._paths() if path.suffix in ("", STATE)}

    def take(self, files: Mapping[str, bytes]) -> None:
        """Replace all files here by ``files`` if ``files`` are newer."""
        if _newest(files) > _newest(self.files()):
            self.remove()
            self.folder.mkdir(parents=True)
            for name, data in files.items():
                write_whole(self.folder / Path(name).name, data)

    def number(self) -> int:
        """The next number of the series: the microseconds since 1970, or the last number plus one if that is greater.

        So the numbers also grow if the job continues on a machine that does not have these files.
        """
        self._last = max(self._last + 1, time.time_ns() // 1_000)
        return self._last

    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self._paths())

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _paths(self) -> list[Path]:
        return list(self.folder.iterdir()) if self.folder.exists() else []


def parsed(files: Mapping[str, bytes]) -> list[tuple[int, str]]:
    """The number and JSON of each event among ``files``, in order. An unfinished last line is left out."""
    lines = files.get(EVENTS, b"").decode().split("\n")[:-1]
    return [(int(number), text) for number, _, text in (line.partition(" ") for line in lines)]


def _newest(files: Mapping[str, bytes]) -> tuple[int, int]:
    """The numbers of the latest checkpoint and the latest event among ``files``. 0 if there is none."""
    states = (int.from_bytes(data[:HEADER], "big") for name, data in files.items() if name.endswith(STATE))
    return max(states, default=0), max((number for number, _ in parsed(files)), default=0)
