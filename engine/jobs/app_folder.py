"""The folder in which one app keeps its jobs."""

import fcntl
import tempfile
from pathlib import Path
from typing import TextIO


def claim(folder: Path) -> tuple[Path, TextIO | None, list[str]]:
    """Reserve ``folder`` for this app, or make a temporary folder where another app has it or it cannot be written.

    Returns the folder, the lock on it (to be closed at the end; None for a temporary folder), and sentences for people.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        problem = f"{folder} cannot be written ({error.strerror})"
    else:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return folder, lock, []
        except OSError:
            lock.close()
            problem = f"Another app keeps its runs in {folder}"
    return Path(tempfile.mkdtemp(prefix="gradient-lab-")), None, [f"{problem}. Runs are kept until this app stops."]
