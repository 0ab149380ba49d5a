"""What an experiment is: its settings, its computation, the expected duration, and a script that repeats it elsewhere.

A topic defines one ``Experiment`` for each thing that it can compute. Pages, jobs, the take-away menu and the shell
receive experiments, so they need to know no topic. A ``Preset`` and a ``Claim`` name settings of an experiment.
``save`` stores the events of a long experiment in a file, and ``replay`` computes the result from that file.
"""

import gzip
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, Literal, TypeVar

from engine.events import Event, Work
from engine.sources import with_needed
from engine.spec import Spec

S = TypeVar("S", bound=Spec)
R = TypeVar("R")


@dataclass(frozen=True)
class Recipe:
    """What ``engine.export.script`` needs to write an experiment as a program that does not use this package.

    imports: lines such as ``import torch``.
    functions: the code that runs, in order of definition. An entry is a function, a class or a whole module of the
        engine. If there is none of these, the entry is source text. No two entries define the same name.
    values: name -> a plain Python expression. The script assigns them between the functions and ``main``.
    main: statements that print the experiment's table as comma-separated values.
    """

    imports: tuple[str, ...]
    functions: tuple[Callable[..., Any] | ModuleType | str, ...]
    main: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Experiment(Generic[S, R]):
    """One thing that can be computed from settings.

    name: where this record is defined, "package.module:NAME". Other processes import it from there.
    spec: the class of its settings.
    run: spec -> result, deterministic. None for a long experiment, which has ``work`` and ``fold`` instead.
    seconds: spec -> roughly how many seconds the computation takes on two CPU cores.
    recipe: spec -> the parts of its standalone script.
    files: spec -> the files that its script reads, which have to stand beside it.
    work: the generator of its events and checkpoints. fold: (spec, events so far) -> the result so far.
    """

    name: str
    spec: type[S]
    seconds: Callable[[S], float]
    recipe: Callable[[S], Recipe]
    run: Callable[[S], R] | None = None
    work: Work | None = None
    fold: Callable[[S, Iterable[Event]], R] | None = None
    files: Callable[[S], tuple[Path, ...]] = lambda _: ()

    def __post_init__(self) -> None:
        if (self.run is None) == (self.work is None) or (self.work is None) != (self.fold is None):
            raise ValueError(f"{self.name} needs either run, or work and fold")

    def result(self, spec: S) -> R:
        """Compute the result of ``spec`` in this process, however long it takes."""
        if self.run is not None:
            return self.run(spec)
        assert self.work is not None
        return self.so_far(spec, [item for item in self.work(spec, {}) if isinstance(item, dict)])

    def so_far(self, spec: S, events: Iterable[Event]) -> R:
        """The result of a long experiment, as far as ``events`` report it."""
        assert self.fold is not None, f"{self.name} reports no events"
        return self.fold(spec, events)


@dataclass(frozen=True)
class Question(Generic[R]):
    """What a visitor is asked to predict before a result is shown: one of the answers, or a mark on the picture.

    ask: the question. answers: two to four. There are none if the visitor sets a mark.
    right: result -> the index of the answer that came true, or -1 if none did. It is computed, so that it stays true.
    beside: (result, mark) -> a sentence that says how far the mark is from what came. None if there are answers.
    """

    ask: str
    answers: tuple[str, ...] = ()
    right: Callable[[R], int] = lambda _: -1
    beside: Callable[[R, tuple[float, float]], str] | None = None


@dataclass(frozen=True)
class Preset(Generic[S]):
    """Settings that are worth seeing.

    title: the text of its button. look_for: what to look for, in a sentence or two. spec: the experiment's settings.
    view: the key of the page's view that shows it, "" if every view does.
    question: what the visitor predicts before the result is shown. ``look_for`` then explains what came.
    shown: field -> value, settings of the view that are not the experiment's, such as the quantity that is drawn.
    tries: what ``look_for`` advises: the text of a button -> field -> the value that the button sets.
    """

    title: str
    look_for: str
    view: str
    spec: S
    question: Question[Any] | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)
    tries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Verdict = Literal["holds", "does not hold", "holds if", "undecided"]


@dataclass(frozen=True)
class Claim(Generic[S, R]):
    """A sentence from a lecture or a paper, and the experiment that tests it.

    sentence: as a reader would repeat it. source: title and URL of the lecture or paper.
    verdict: result -> the verdict and one sentence with its numbers. With "holds if" the sentence names the condition.
        The verdict is "undecided" if bands of at least five seeds overlap.
    """

    sentence: str
    source: tuple[str, str]
    experiment: Experiment[S, R]
    spec: S
    verdict: Callable[[R], tuple[Verdict, str]]


def plain_settings(settings: Spec, kind: type[Spec], *methods: Callable[..., Any]) -> str:
    """Source text for a ``Recipe``: ``settings`` as a class of plain values.

    The class needs neither pydantic nor this package. It takes its name and its fields from ``kind``. methods: the
    methods of ``kind`` that the script calls.
    """
    values = "\n".join(f"    {name} = {getattr(settings, name)!r}" for name in kind.model_fields)
    asked = "".join("\n" + inspect.getsource(method) for method in methods)
    return f"class {kind.__name__}:\n{values}\n{asked}"


PRINT_TABLE = """\
torch.set_num_threads(1)
sys.stdout.write({result}.table().to_csv(index=False, lineterminator="\\n"))
"""
"""A recipe's ``main`` that prints the table of ``result``, an expression."""


def table_recipe(
    result: str,
    *own: Callable[..., Any] | ModuleType | str,
    modules: tuple[ModuleType, ...],
    settings: tuple[ModuleType, ...],
) -> Recipe:
    """The recipe of a script that prints the table of ``result``, an expression.

    own: functions, modules and source text, which the script contains before the other modules.
    modules: the modules that the script needs. All modules of this package that they import are added.
    settings: modules that define settings. A script has the settings as plain values instead (``plain_settings``), and
        those constants of these modules that it uses.
    """
    parts = (*own, *with_needed(*modules, without=(*settings, *(part for part in own if isinstance(part, ModuleType)))))
    text = "\n".join(part if isinstance(part, str) else inspect.getsource(part) for part in parts)
    constants = {name: value for module in settings for name, value in vars(module).items() if name.isupper()}
    used = {
        name: repr(value)
        for name, value in constants.items()
        if isinstance(value, int | float | str | tuple | dict) and re.search(rf"\b{name}\b", text)
    }
    return Recipe(("import math", "import sys", "import torch"), parts, PRINT_TABLE.format(result=result), used)


ENDING = ".json.gz"
"""The ending of a recording's file name."""


def save(path: Path, spec: Spec, events: Iterable[Event], command: str = "") -> None:
    """Store the events of a run in one file: gzip-compressed JSON, the same bytes for the same run.

    path: ends with ``ENDING``. command: the shell command that repeats the run.
    The file is written completely or not at all. It contains every setting, because the defaults may change later. If
    several events have the same key, the file contains only the last. Events without a key are left out.
    """
    kept = {event["key"]: event for event in events if "key" in event}
    document = {"spec": spec.model_dump(mode="json"), "command": command, "events": list(kept.values())}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, gzip.compress(json.dumps(document).encode(), mtime=0))


def write_whole(path: Path, data: bytes) -> None:
    """Write ``path`` atomically. A reader finds all of the old content or all of the new, even if the process dies."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(data)
    fresh.replace(path)


def recorded_events(path: Path) -> list[Event]:
    """The events that ``save`` stored at ``path``. Raises OSError or ValueError if there are none."""
    events: list[Event] = json.loads(gzip.decompress(path.read_bytes()))["events"]
    return events


@cache
def replay(experiment: Experiment[S, R], path: Path) -> tuple[R, str]:
    """The result of the run that ``save`` stored at ``path``, and the command that repeats the run.

    Each process reads the file only once. Raises OSError or ValueError if the file holds no run of ``experiment``.
    """
    document = json.loads(gzip.decompress(path.read_bytes()))
    return experiment.so_far(experiment.spec.model_validate(document["spec"]), document["events"]), document["command"]
