"""What an experiment is: its settings, what runs, how long that takes, and the script that repeats it elsewhere.

A topic defines one ``Experiment`` for each thing that it can compute. Pages, jobs, the take-away and the shell are
given experiments and know no topic. ``Preset`` and ``Claim`` point at experiments; ``save`` keeps what a long
one reported, and ``replay`` gives its result again.
"""

import gzip
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, Literal, TypeVar

from engine.events import Event, Work
from engine.spec import Spec

S = TypeVar("S", bound=Spec)
R = TypeVar("R")


@dataclass(frozen=True)
class Recipe:
    """What ``engine.export.script`` needs to write an experiment down without this package.

    imports: lines such as ``import torch``.
    functions: what runs, in order of definition: engine functions, classes and whole modules, or source text of what
        has none. No two define the same name.
    values: names and the plain Python expressions they stand for, written between the functions and ``main``.
    main: statements that print the experiment's table as comma-separated values.
    """

    imports: tuple[str, ...]
    functions: tuple[Callable[..., Any] | ModuleType | str, ...]
    main: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Experiment(Generic[S, R]):
    """One thing that can be computed from settings.

    name: where this record stands, "package.module:NAME"; other processes find it there.
    spec: the class of its settings.
    run: spec -> result, deterministic. None for long work, which has ``work`` and ``fold`` instead.
    seconds: spec -> how long it takes on two CPU cores, roughly.
    recipe: spec -> the parts of its standalone script.
    work: the generator of its events and checkpoints. fold: (spec, events so far) -> the result so far.
    """

    name: str
    spec: type[S]
    seconds: Callable[[S], float]
    recipe: Callable[[S], Recipe]
    run: Callable[[S], R] | None = None
    work: Work | None = None
    fold: Callable[[S, Iterable[Event]], R] | None = None

    def __post_init__(self) -> None:
        if (self.run is None) == (self.work is None) or (self.work is None) != (self.fold is None):
            raise ValueError(f"{self.name} needs either run, or work and fold")

    def result(self, spec: S) -> R:
        """The result of ``spec``, computed here and now however long it takes."""
        if self.run is not None:
            return self.run(spec)
        assert self.work is not None
        return self.so_far(spec, [item for item in self.work(spec, {}) if isinstance(item, dict)])

    def so_far(self, spec: S, events: Iterable[Event]) -> R:
        """What long work has found as far as ``events`` report it."""
        assert self.fold is not None, f"{self.name} reports no events"
        return self.fold(spec, events)


@dataclass(frozen=True)
class Preset(Generic[S]):
    """Settings worth seeing. title: on its button. look_for: what to see, in a sentence or two. view: the key of the
    page's view that shows it, "" where any does. spec: the experiment's settings."""

    title: str
    look_for: str
    view: str
    spec: S


Verdict = Literal["holds", "does not hold", "holds if", "undecided"]


@dataclass(frozen=True)
class Claim(Generic[S, R]):
    """A sentence that a lecture or a paper says, and the experiment that tests it.

    sentence: as a reader would repeat it. source: (title, address) of who says it.
    verdict: result -> the verdict and one sentence with its numbers. "holds if" names the condition, "undecided" is
        said where bands of at least five seeds overlap.
    """

    sentence: str
    source: tuple[str, str]
    experiment: Experiment[S, R]
    spec: S
    verdict: Callable[[R], tuple[Verdict, str]]


def plain_settings(settings: Spec, kind: type[Spec], *methods: Callable[..., Any]) -> str:
    """Source text for a ``Recipe``: ``settings`` as a class of plain values that needs neither pydantic nor us.

    kind: the class whose name and fields it takes. methods: those of its methods that the script calls.
    """
    values = "\n".join(f"    {name} = {getattr(settings, name)!r}" for name in kind.model_fields)
    asked = "".join("\n" + inspect.getsource(method) for method in methods)
    return f"class {kind.__name__}:\n{values}\n{asked}"


ENDING = ".json.gz"
"""How the file of a recording ends."""


def save(path: Path, spec: Spec, events: Iterable[Event], command: str = "") -> None:
    """Keep what a run reported in one file: gzip-compressed JSON, the same bytes for the same run.

    path: its end is ``ENDING``. command: what repeats the run.
    The file is there whole or not at all. Every setting is written in full: a recording outlives the defaults of its
    day. Of events with the same key the last is kept.
    """
    kept = {event["key"]: event for event in events if "key" in event}
    document = {"spec": spec.model_dump(mode="json"), "command": command, "events": list(kept.values())}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, gzip.compress(json.dumps(document).encode(), mtime=0))


def write_whole(path: Path, data: bytes) -> None:
    """Write ``path`` atomically: a reader finds the old content or the new, whole, also after a death."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(data)
    fresh.replace(path)


@cache
def replay(experiment: Experiment[S, R], path: Path) -> tuple[R, str]:
    """The result of the run that ``save`` kept at ``path``, and the command that repeats it; read once in a process.

    Raises OSError or ValueError where the file holds no run of ``experiment``.
    """
    document = json.loads(gzip.decompress(path.read_bytes()))
    return experiment.so_far(experiment.spec.model_validate(document["spec"]), document["events"]), document["command"]
