"""The version of an experiment changes with the code that computes it, and with nothing else."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from engine.experiment import Experiment
from engine.jobs import version as versions
from engine.optimizers import RACERS
from engine.race.experiments import RACE
from engine.residuals.experiments import SWEEP, TRAINING

FILES = {
    "lab/__init__.py": "import lab.setting\n",
    "lab/setting.py": "THREADS = 1\n",
    "lab/topic/__init__.py": '"""A topic."""\n',
    "lab/topic/work.py": """\
from lab.middle import step
from lab.topic.spec import LabSpec

def work(spec, checkpoints, rate=0.1):
    \"\"\"The work.\"\"\"
    yield {"kind": "step", "key": "step", "total": step(rate)}

class Result:
    @classmethod
    def of(cls, spec, events):
        from .tools import total
        return total(events)
""",
    "lab/topic/spec.py": """\
from pydantic import Field

from engine.spec import Spec

class LabSpec(Spec):
    steps: int = Field(5, title="Steps to take")
    \"\"\"How many.\"\"\"
    path: str = "lab.named.Thing"
""",
    "lab/topic/tools.py": "def total(events):\n    return sum(events)\n",
    "lab/topic/script.py": "from lab.topic.work import work\n\nMAIN = 1\n",
    "lab/middle.py": "from lab import deep\n\ndef step(rate):\n    return deep.SCALE * rate  # the rule\n",
    "lab/deep.py": "SCALE = 2.0\n",
    "lab/named.py": "NAMED = 1\n\nclass Thing:\n    pass\n",
    "lab/figures.py": "from lab.topic.work import work\n\nCOLOUR = 1\n",
    "lab/other/__init__.py": "",
    "lab/other/work.py": "from lab.deep import SCALE\n\nANOTHER = 1\n",
}


class Lab:
    """A package that computes something, and the version of its experiment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for path, text in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        work = importlib.import_module("lab.topic.work")
        self.experiment: Experiment[Any, Any] = Experiment(
            name="lab.experiments:LAB",
            spec=work.LabSpec,
            seconds=lambda spec: 1.0,
            recipe=lambda spec: pytest.fail("no script is needed"),
            work=work.work,
            fold=work.Result.of,
        )

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert old in text
        (self.folder / path).write_text(text.replace(old, new))

    def version(self) -> str:
        versions.version.cache_clear()
        versions.read.cache_clear()
        return versions.version(self.experiment)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Lab(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "lab"]:
        del sys.modules[name]
    versions.version.cache_clear()
    versions.read.cache_clear()


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("lab/topic/work.py", '"""The work."""', '"""What this does, in other words."""'),
        ("lab/topic/work.py", '    """The work."""\n', ""),
        ("lab/topic/__init__.py", "A topic.", "Another sentence."),
        ("lab/topic/spec.py", "How many.", "How many there are."),
        ("lab/topic/spec.py", "Steps to take", "Steps that are taken"),
        ("lab/middle.py", "  # the rule", "\n# A comment of its own."),
        ("lab/topic/work.py", "def work(spec, checkpoints, ", "\n\ndef work(\n    spec, checkpoints, "),
        ("lab/figures.py", "COLOUR = 1", "COLOUR = 2"),
        ("lab/topic/script.py", "MAIN = 1", "MAIN = 2"),
        ("lab/other/work.py", "ANOTHER = 1", "ANOTHER = 2"),
    ],
)
def test_what_does_not_compute_keeps_the_version(lab: Lab, path: str, old: str, new: str) -> None:
    before = lab.version()
    lab.edit(path, old, new)
    assert lab.version() == before


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("lab/topic/work.py", "rate=0.1", "rate=0.2"),
        ("lab/topic/work.py", '"total": step(rate)', '"total": -step(rate)'),
        ("lab/topic/work.py", '"kind": "step"', '"kind": "a step"'),
        ("lab/topic/spec.py", "Field(5,", "Field(6,"),
        ("lab/topic/tools.py", "sum(events)", "max(events)"),
        ("lab/middle.py", "deep.SCALE * rate", "deep.SCALE / rate"),
        ("lab/deep.py", "2.0", "2"),
        ("lab/deep.py", "2.0", "3.0"),
        ("lab/topic/__init__.py", '"""A topic."""', "import lab.other.work"),
        ("lab/setting.py", "THREADS = 1", "THREADS = 2"),
        ("lab/named.py", "NAMED = 1", "NAMED = 2"),
    ],
)
def test_what_computes_changes_the_version(lab: Lab, path: str, old: str, new: str) -> None:
    before = lab.version()
    lab.edit(path, old, new)
    assert lab.version() != before


def test_the_packages_that_compute_change_the_version(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = dict.fromkeys(("torch", "numpy", "pytorch-optimizer"), "1")
    monkeypatch.setattr("importlib.metadata.version", lambda name: installed[name])
    seen = {lab.version()}
    for package in installed:
        installed[package] = "2"
        seen.add(lab.version())
    assert len(seen) == 4


@pytest.mark.parametrize("experiment", [RACE, TRAINING, SWEEP])
def test_a_version_covers_all_that_its_modules_hold_and_no_other_topic(experiment: Experiment[Any, Any]) -> None:
    """A check that reads no import statements: each object of a module that counts is defined in such a module."""
    found = versions.modules(experiment)
    topic = experiment.name.split(".")[1]
    assert {f"engine.{topic}.spec", "engine.nn", "engine.data.mnist", "engine.spec"} <= found.keys()
    for name in found:
        for held, value in vars(importlib.import_module(name)).items():
            home = value.__name__ if isinstance(value, ModuleType) else str(getattr(value, "__module__", ""))
            if home.partition(".")[0] == "engine" and not home.startswith(f"{name}."):
                assert home in found, (name, held)
    others = {"race", "residuals", "surfaces", "figures", "jobs", "export"} - {topic}
    assert not others & {name.split(".")[1] for name in found if "." in name}


def test_a_version_covers_the_constructors_of_all_optimizers_that_can_race() -> None:
    found = versions.modules(RACE)
    assert {module.__name__ for racer in RACERS.values() for module in racer.modules()} <= found.keys()


def test_the_parts_of_the_engine_that_a_spec_stands_on_count(lab: Lab) -> None:
    assert {"engine", "engine.spec", "lab", "lab.topic"} <= versions.modules(lab.experiment).keys()


def test_a_version_is_found_once(lab: Lab) -> None:
    before = lab.version()
    lab.edit("lab/deep.py", "2.0", "3.0")
    assert versions.version(lab.experiment) == before
