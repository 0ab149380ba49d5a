"""The app's store of jobs and events: a folder with one SQLite file, in write-ahead mode.

The file does not say who ordered a job. Only the memory holds that.
"""

import fcntl
import json
import shutil
import sqlite3
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from engine.jobs.order import Order
from engine.jobs.status import State, Status

# The most pairs of a visitor and a job that are remembered.
MOST_VISITS = 10_000

FILE = "jobs.sqlite"

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = MEMORY;
CREATE TABLE IF NOT EXISTS jobs (
    key TEXT PRIMARY KEY, work TEXT, kind TEXT, params TEXT, device TEXT, version TEXT,
    state TEXT, reason TEXT, wish TEXT, attempt TEXT, turn INTEGER DEFAULT 0,
    submitted REAL, ended REAL, used REAL, progress REAL DEFAULT 0, bytes INTEGER DEFAULT 0
);
CREATE TABLE IF NOT EXISTS events (
    job TEXT, number INTEGER, name TEXT, text TEXT, PRIMARY KEY (job, number)
);
CREATE INDEX IF NOT EXISTS named ON events (job, name);
CREATE TEMP TABLE visits (visitor TEXT, job TEXT, UNIQUE (visitor, job) ON CONFLICT REPLACE);
"""

ORDERED = """
INSERT OR IGNORE INTO jobs (key, work, kind, params, device, version) VALUES (?, ?, ?, ?, ?, ?)
"""

ENQUEUE = """
UPDATE jobs SET state = 'queued', reason = '', wish = '', attempt = ?, submitted = ?, ended = 0, used = ?,
    turn = (SELECT max(turn) + 1 FROM jobs) WHERE key = ?
"""

SETTLE = """
UPDATE jobs SET state = ?, reason = ?, wish = '', ended = ?,
    bytes = ? + (SELECT coalesce(sum(length(text)), 0) FROM events WHERE job = key) WHERE key = ?
"""

PROGRESS = """
UPDATE jobs SET progress = min(max(?, 0.0), 1.0) WHERE key = ?
    AND NOT EXISTS (SELECT 1 FROM events WHERE job = ? AND number > ?)
"""

# Whether a new event replaces an earlier one, or comes before an event that is stored already.
REVISES = """
SELECT EXISTS (SELECT 1 FROM events WHERE job = :job AND name = :name AND number < :number)
    OR EXISTS (SELECT 1 FROM events WHERE job = :job AND number > :number)
    AND NOT EXISTS (SELECT 1 FROM events WHERE job = :job AND number = :number)
"""

Row = sqlite3.Row


def order_of(job: Row) -> Order:
    return Order(job["work"], job["kind"], json.loads(job["params"]), job["device"], job["version"])


@dataclass(frozen=True)
class News:
    """The events of a job as (number, JSON), in order, and only those above a given number.

    revision: if it is the same as in an earlier answer, no event up to the given number has changed since.
    """

    revision: int
    texts: list[tuple[int, str]]


class Store:
    """Jobs and their events in ``folder``. Safe to use from any thread.

    If another app uses that folder, or if it cannot be written, the attribute ``folder`` is a temporary folder. A
    damaged file is renamed. If the disk fails (full, read-only), the store continues in memory. ``notices`` reports all
    this.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self._claim, self.notices = _claim(folder)
        self._lock = threading.RLock()
        self._revisions: Counter[str] = Counter()  # per job: changes of its events, except new events at the end
        path = self.folder / FILE
        try:
            self._db = _connect(path)
        except sqlite3.OperationalError as error:
            self._db = _connect(":memory:")
            self._notice_memory(error)
        except sqlite3.DatabaseError as error:
            for old in (path, *(path.with_name(FILE + suffix) for suffix in ("-wal", "-shm"))):
                if old.exists():
                    old.replace(old.with_name(old.name + ".corrupt"))
            self._db = _connect(path)
            self.notices.append(f"The file of earlier runs was damaged ({error}). It was renamed to {path}.corrupt.")

    def enqueue(self, order: Order, attempt: str, now: float) -> None:
        """Put the job of ``order`` at the end of the queue. ``attempt`` becomes its current attempt."""
        ordered = (order.key, order.work, order.kind, json.dumps(dict(order.params)), order.device, order.version)
        self._write((ORDERED, ordered), (ENQUEUE, (attempt, now, now, order.key)))

    def job(self, key: str) -> Row | None:
        return next(iter(self._read("SELECT * FROM jobs WHERE key = ?", (key,))), None)

    def active(self) -> list[Row]:
        """Queued and running jobs, in the order of the queue."""
        return self._read("SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY turn")

    def idle(self) -> list[Row]:
        """All jobs that are neither queued nor running, the most recently used first."""
        return self._read("SELECT * FROM jobs WHERE state NOT IN ('queued', 'running') ORDER BY used DESC")

    def visited(self, visitor: str, work: str, version: str) -> list[Row]:
        """The jobs of this experiment in this version that ``visitor`` ordered, newest first."""
        return self._read(
            "SELECT jobs.* FROM jobs JOIN visits ON job = key WHERE visitor = ? AND work = ? AND version = ?"
            " ORDER BY submitted DESC",
            (visitor, work, version),
        )

    def visit(self, visitor: str, key: str) -> None:
        self._write(
            ("INSERT INTO visits VALUES (?, ?)", (visitor, key)),
            ("DELETE FROM visits WHERE rowid <= (SELECT max(rowid) FROM visits) - ?", (MOST_VISITS,)),
        )

    def update(self, key: str, **columns: Any) -> None:
        """Set ``columns`` of a job. Their names come from the code, never from users."""
        names = ", ".join(f"{name} = ?" for name in columns)
        self._write((f"UPDATE jobs SET {names} WHERE key = ?", (*columns.values(), key)))

    def append(self, key: str, number: int, text: str) -> None:
        """Store an event, unless this event or a later one with the same key is stored already.

        Events may arrive in any order. For an event without a key only the progress is stored.
        """
        event = json.loads(text)
        progress = [(PROGRESS, (event["progress"], key, key, number))] if "progress" in event else []
        if (name := event.get("key")) is None:
            self._write(*progress)
            return
        with self._lock:
            if self._read("SELECT 1 FROM events WHERE job = ? AND name = ? AND number > ?", (key, name, number)):
                return
            (row,) = self._read(REVISES, {"job": key, "name": name, "number": number})
            self._revisions[key] += row[0]
            self._write(
                ("DELETE FROM events WHERE job = ? AND name = ? AND number < ?", (key, name, number)),
                ("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)", (key, number, name, text)),
                *progress,
            )

    def events(self, key: str, after: int) -> News:
        """The job's events with numbers above ``after``."""
        with self._lock:
            rows = self._read(
                "SELECT number, text FROM events WHERE job = ? AND number > ? ORDER BY number", (key, after)
            )
            return News(self._revisions[key], [(row["number"], row["text"]) for row in rows])

    def settle(self, key: str, state: State, reason: str, now: float, size: int) -> None:
        """Make a job inactive. size: the bytes of its files. The bytes of its events are added here."""
        self._write((SETTLE, (state, reason, now, size, key)))

    def forget(self, key: str) -> None:
        with self._lock:
            self._revisions[key] += 1
            self._write(
                ("DELETE FROM events WHERE job = ?", (key,)),
                ("DELETE FROM jobs WHERE key = ?", (key,)),
                ("DELETE FROM visits WHERE job = ?", (key,)),
            )

    def status(self, key: str) -> Status:
        row = self.job(key)
        return Status(key) if row is None else self.described([row])[0]

    def described(self, rows: Iterable[Row]) -> list[Status]:
        turns = [row["turn"] for row in self.active()]
        return [
            Status(
                key=row["key"],
                state=row["state"],
                progress=row["progress"],
                reason=row["reason"],
                waiting=sum(turn < row["turn"] for turn in turns) if row["state"] == "queued" else 0,
                stopping=row["wish"] in ("cancelled", "parked"),
                params=json.loads(row["params"]),
            )
            for row in rows
        ]

    def close(self) -> None:
        with self._lock:
            self._db.close()
        if self._claim:
            self._claim.close()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, query: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _write(self, *statements: tuple[str, tuple[Any, ...]]) -> None:
        """Apply all ``statements`` or none of them."""
        with self._lock:
            try:
                self._apply(statements)
            except sqlite3.OperationalError as error:
                self._notice_memory(error)
                memory = _connect(":memory:")
                self._db.backup(memory)
                self._db.close()
                self._db = memory
                self._apply(statements)

    def _apply(self, statements: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        with self._db:
            for statement, values in statements:
                self._db.execute(statement, values)

    def _notice_memory(self, error: sqlite3.Error) -> None:
        self.notices.append(f"Runs cannot be written to the disk ({error}). They are kept until the app stops.")


def _claim(folder: Path) -> tuple[Path, TextIO | None, list[str]]:
    """Reserve ``folder`` for this store, or make a temporary folder if another app has it or it cannot be written.

    Returns the folder, the lock on it (to be closed at the end; None for a temporary folder), and notices.
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


def _connect(path: Path | str) -> sqlite3.Connection:
    """Raises sqlite3.OperationalError if the disk fails, and sqlite3.DatabaseError if the file is damaged."""
    db = sqlite3.connect(path, timeout=5, check_same_thread=False)
    db.row_factory = Row
    try:
        db.executescript(SCHEMA)
        if (verdict := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(verdict)
    except sqlite3.Error:
        db.close()
        raise
    return db
