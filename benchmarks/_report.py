"""The report of a benchmark: each figure beside its limit, the machine, and the command that measures it again."""

import os
import platform
import shlex
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from engine.devices import processor


@dataclass(frozen=True)
class Figure:
    """A measured ``value``. limit: the greatest value allowed, or None if the value is only reported."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def missed(self) -> bool:
        return self.limit is not None and not self.value <= self.limit

    def __str__(self) -> str:
        text = f"{self.name}: {self.value:.4g} {self.unit}"
        if self.limit is None:
            return text
        verdict = "MISSED" if self.missed else "met"
        share = f", {self.value / self.limit:.2f} of it" if self.limit else ""
        return f"{text}, limit {self.limit:g} {self.unit}{share}: {verdict}"


def report(script: str, figures: list[Figure], conditions: str = "") -> NoReturn:
    """Print the report and exit, with status 1 if a figure missed its limit."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "streamlit", "plotly"))
    print(f"{processor()}, {os.cpu_count()} cores; Python {platform.python_version()}, {packages}")
    if conditions:
        print(conditions)
    for figure in figures:
        print(figure)
    print("Again: PYTHONPATH=. .venv/bin/python", shlex.join([f"benchmarks/{Path(script).name}", *sys.argv[1:]]))
    sys.exit(any(figure.missed for figure in figures))
