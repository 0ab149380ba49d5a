"""The app's store of jobs and events: one SQLite file, in write-ahead mode.

The file does not say who ordered a job. That is held in memory only.
"""

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.jobs.order import Order
from engine.jobs.status import State, Status

MOST_VISITS = 10_000
"""How many pairs of visitor and job are remembered."""

FILE = "jobs.sqlite"

SCHEMA = """
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

PROGRESS = """
UPDATE jobs SET progress = min(max(?, 0.0), 1.0) WHERE key = ?
    AND NOT EXISTS (SELECT 1 FROM events WHERE job = ? AND number > ?)
"""

WEIGH = """
UPDATE jobs SET bytes = ? + (SELECT coalesce(sum(length(text)), 0) FROM events WHERE job = key) WHERE key = ?
"""

VISITED = """
SELECT jobs.* FROM jobs JOIN visits ON job = key WHERE visitor = ? AND work = ? AND version = ?
    ORDER BY submitted DESC
"""

REVISES = """
SELECT EXISTS (SELECT 1 FROM events WHERE job = :job AND name = :name AND number < :number)
    OR EXISTS (SELECT 1 FROM events WHERE job = :job AND number > :number)
    AND NOT EXISTS (SELECT 1 FROM events WHERE job = :job AND number = :number)
"""
"""Whether a new event will replace one, or stand before one."""

Row = sqlite3.Row


@dataclass(frozen=True)
class News:
    """The events of a job above some number: number and JSON of each, in order.

    revision: where it is the same as before, no event up to that number has changed meanwhile.
    """

    revision: int
    texts: list[tuple[int, str]]


class Store:
    """Jobs and their events in ``folder``. Safe to use from any thread.

    A damaged file is renamed. If the disk fails (full, read-only), the store continues in memory. ``notices`` reports
    both.
    """

    def __init__(self, folder: Path) -> None:
        self.notices: list[str] = []
        self._lock = threading.RLock()
        self._revisions: Counter[str] = Counter()
        """How often each job's events changed otherwise than by a new one at the end."""
        path = folder / FILE
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
            self.notices.append(f"The file of earlier runs was damaged ({error}). It now is {path}.corrupt.")

    def enqueue(self, order: Order, attempt: str, now: float) -> None:
        """Put ``attempt`` at the job of ``order`` at the end of the queue."""
        ordered = (order.key, order.work, order.kind, json.dumps(dict(order.params)), order.device, order.version)
        self._write((ORDERED, ordered), (ENQUEUE, (attempt, now, now, order.key)))

    def job(self, key: str) -> Row | None:
        return next(iter(self._read("SELECT * FROM jobs WHERE key = ?", (key,))), None)

    def order(self, key: str) -> Order:
        """The job's order. Raises KeyError for an unknown job."""
        job = self.job(key)
        if job is None:
            raise KeyError(key)
        return Order(job["work"], job["kind"], json.loads(job["params"]), job["device"], job["version"])

    def active(self) -> list[Row]:
        """Queued and running jobs, in the order of the queue."""
        return self._read("SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY turn")

    def idle(self) -> list[Row]:
        """All other jobs, the most recently used first."""
        return self._read("SELECT * FROM jobs WHERE state NOT IN ('queued', 'running') ORDER BY used DESC")

    def visited(self, visitor: str, work: str, version: str) -> list[Row]:
        """The jobs of this experiment in this version that ``visitor`` ordered, newest first."""
        return self._read(VISITED, (visitor, work, version))

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
        """Store an event, unless it or a later one with the same key is stored already.

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
        query = "SELECT number, text FROM events WHERE job = ? AND number > ? ORDER BY number"
        with self._lock:
            rows = self._read(query, (key, after))
            return News(self._revisions[key], [(row["number"], row["text"]) for row in rows])

    def weigh(self, key: str, more: int) -> None:
        """Record how many bytes a job takes: its events and ``more``."""
        self._write((WEIGH, (more, key)))

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
                state=cast(State, row["state"]),
                progress=row["progress"],
                reason=row["reason"],
                waiting=sum(turn < row["turn"] for turn in turns) if row["state"] == "queued" else 0,
                stopping=row["wish"] in ("cancelled", "parked"),
                work=row["work"],
                kind=row["kind"],
                params=json.loads(row["params"]),
                device=row["device"],
                submitted=row["submitted"],
                ended=row["ended"],
            )
            for row in rows
        ]

    def close(self) -> None:
        with self._lock:
            self._db.close()

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


def _connect(path: Path | str) -> sqlite3.Connection:
    """Raises sqlite3.OperationalError if the disk fails, and sqlite3.DatabaseError if the file is damaged."""
    db = sqlite3.connect(path, timeout=5, check_same_thread=False)
    db.row_factory = Row
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA temp_store = MEMORY")
        db.executescript(SCHEMA)
        if (verdict := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(verdict)
    except sqlite3.Error:
        db.close()
        raise
    return db
