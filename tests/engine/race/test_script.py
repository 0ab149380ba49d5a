"""A race's script runs without this package. It prints the same numbers as the screen shows, to the last digit."""

import ast
import csv
import re
import subprocess
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest

from engine.data import DATASETS
from engine.export import script
from engine.optimizers import RACERS, Lane, locoprop
from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD
from engine.optimizers.inner import INNER
from engine.optimizers.layered import KFAC, LocoPropM, LocoPropS
from engine.race import Race, RaceSpec, race
from engine.race.experiments import RACE
from engine.training.script import expression

SMALL = RaceSpec(data="curves", images=200, batch=40, width=0.02, epochs=2, look=False)


def often(record: type[Lane]) -> Lane:
    """A lane that refreshes its matrices within the few steps of the test, if it has any."""
    return record.model_validate({"refresh": 3} if "refresh" in record.model_fields else {})


SPECS = {
    "every optimizer": SMALL.but(lanes=tuple(map(often, RACERS.values()))),
    "every inner optimizer": SMALL.but(
        lanes=(
            *(LocoPropM(inner=name, steps=3) for name in INNER if name != "exact"),
            LocoPropS(inner="exact", regularizer=1.0),
        ),
        transfer="relu", seeds=2, seed=3, warmup=2, horizon=3, ramp="epochs",
    ),
    "what diverges": SMALL.but(lanes=(SGD(lr=900), Adam(), KFAC(lr=900, kl_clip=1e6)), warmup=0, transfer="relu"),
    "float64": SMALL.but(lanes=(Adam(), LocoPropM()), precision="float64"),
}  # fmt: skip


RUN_ALL = """
import runpy, sys
for path in sys.argv[1:]:
    print("#")
    runpy.run_path(path, run_name="__main__")
"""


def test_a_script_prints_the_table_on_screen(tmp_path: Path) -> None:
    """One process runs all scripts, because importing torch takes half of its time."""
    for number, spec in enumerate(SPECS.values()):
        # the number of strokes in these tests
        text = script(RACE, spec).replace("TRAIN, TEST = 20_000, 10_000", "TRAIN, TEST = 200, 40")
        (tmp_path / f"{number}.py").write_text(text, encoding="utf-8")
    paths = [f"{number}.py" for number in range(len(SPECS))]
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN_ALL, *paths],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for (name, spec), text in zip(SPECS.items(), done.stdout.split("#\n")[1:], strict=True):
        told = {(row["lane"], row["seed"], row["epoch"]): row for row in csv.DictReader(StringIO(text))}
        table = Race.of(spec, [item for item in race(spec) if isinstance(item, dict)]).table()
        shown = {(row["lane"], str(row["seed"]), str(row["epoch"])): row for row in table.to_dict("records")}
        assert told.keys() == shown.keys(), name
        for place, row in told.items():
            for column in row.keys() - {"lane", "seed", "epoch"}:
                assert float(row[column]) == shown[place][column], (name, place, column)


@pytest.mark.parametrize("data", DATASETS)
def test_a_script_knows_nothing_of_this_package_and_defines_each_name_once(data: str) -> None:
    text = script(RACE, SPECS["every optimizer"].but(data=data))
    assert not re.search(r"\bengine\b", text)
    body = ast.parse(text).body
    names = [node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    for node in body:
        if isinstance(node, ast.Assign):
            names += [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize("name", INNER)
def test_an_inner_optimizer_is_written_as_what_it_is(name: str) -> None:
    written, meant = eval(expression(INNER[name].build), vars(locoprop)), INNER[name].build  # written by the lab itself
    assert getattr(written, "func", written) is getattr(meant, "func", meant)
    assert getattr(written, "keywords", {}) == getattr(meant, "keywords", {})
