"""An exported script runs without this package. It prints the same numbers as the screen shows, to the last digit."""

import csv
import re
import subprocess
import sys
from io import StringIO

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.export import script
from engine.optimizers import CATALOGUE, SCHEDULES
from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import LBFGS, Newton
from engine.optimizers.gradient import SGD
from engine.surfaces import PRESETS, SURFACES, CriticalPoints, DescentSpec, PlaceSpec, Terrain, descend, fitted
from engine.surfaces.experiments import DESCENT, LANDMARKS, TERRAIN

BEALE = SURFACES["beale"]
SPECS = {preset.title: preset.spec for preset in PRESETS} | {
    "every optimizer": DescentSpec(
        surface="beale", steps=25, lanes=fitted(tuple(r.plain() for r in CATALOGUE.values()), BEALE, BEALE.start)
    ),
    "every schedule": DescentSpec(
        surface="levy", steps=30, lanes=tuple(SGD(lr=0.01, schedule=name, phase=0.4, factor=0.3) for name in SCHEDULES)
    ),
    "noise and a stop rule": DescentSpec(
        surface="himmelblau", steps=80, noise=0.5, seed=11, stop="step", epsilon=0.01,
        lanes=(Adam(lr=0.2), LBFGS(lr=1, line_search="strong-wolfe"), Newton(saddle_free=True, damping=0.1)),
    ),
    "divergence": DescentSpec(lanes=(SGD(lr=1), SGD(lr=1), Adam(lr=0.1)), steps=40),
    "outside the domain": DescentSpec(
        surface="own", formula="log(x) + y^2", start=(1, 1), lanes=(SGD(lr=3), Adam()), steps=9
    ),
    "what breaks": DescentSpec(
        surface="own", formula="log(x) + y^2", start=(1, 1), steps=25, noise=0.1,
        lanes=(
            LBFGS(lr=3, line_search="strong-wolfe"), *(Adam(lr=0.2, schedule=name) for name in SCHEDULES), SGD(lr=1000)
        ),
    ),
    "a start without a value": DescentSpec(surface="own", formula="1/x + y", start=(0, 1), lanes=(SGD(),), steps=5),
}  # fmt: skip

PLACES = {name: PlaceSpec(surface=name) for name in SURFACES} | {
    "a turned quadratic": PlaceSpec(surface="quadratic", condition=77, rotation=12.5),
    "an own formula": PlaceSpec(surface="own", formula="sin(3*x)*cos(2*y) + x^2/4", span=3),
    "a formula without critical points": PlaceSpec(surface="own", formula="log(x) + y"),
}

RUN_ALL = """
import runpy, sys
for path in sys.argv[1:]:
    print("#")
    runpy.run_path(path, run_name="__main__")
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """The output of each experiment's script. One process runs all, because importing torch takes most of its time."""
    folder = tmp_path_factory.mktemp("scripts")
    scripts = {name: script(DESCENT, spec) for name, spec in SPECS.items()}
    for kind in (TERRAIN, LANDMARKS):
        scripts |= {f"{kind.name} {name}": script(kind, spec) for name, spec in PLACES.items()}
    paths = [f"{number}.py" for number in range(len(scripts))]
    for path, text in zip(paths, scripts.values(), strict=True):
        (folder / path).write_text(text)
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN_ALL, *paths],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    outputs = done.stdout.split("#\n")[1:]
    return {name: list(csv.DictReader(StringIO(text))) for name, text in zip(scripts, outputs, strict=True)}


@pytest.mark.parametrize("name", SPECS)
def test_a_script_prints_the_table_on_screen(name: str, printed: dict[str, list[dict[str, str]]]) -> None:
    table = descend(SPECS[name]).table()
    rows = printed[name]
    assert [row["lane"] for row in rows] == list(table["lane"])
    for column in table.columns.drop("lane"):
        found = [float(row[column]) if row[column] else np.nan for row in rows]
        np.testing.assert_array_equal(found, table[column])


@pytest.mark.parametrize("kind", [TERRAIN, LANDMARKS], ids=["terrain", "landmarks"])
@pytest.mark.parametrize("name", PLACES)
def test_the_script_of_a_place_prints_the_table_of_its_result(
    name: str, kind: Experiment[PlaceSpec, Terrain | CriticalPoints], printed: dict[str, list[dict[str, str]]]
) -> None:
    table = kind.result(PLACES[name]).table()
    rows = printed[f"{kind.name} {name}"]
    assert len(rows) == len(table)
    for column in table.columns:
        if column == "kind":
            assert [row[column] for row in rows] == list(table[column])
        else:
            found = [float(row[column]) if row[column] else np.nan for row in rows]
            np.testing.assert_array_equal(found, table[column])
    assert not [line for line in script(kind, PLACES[name]).splitlines() if re.match(r"(import|from) engine", line)]


@pytest.mark.parametrize("name", SPECS)
def test_a_script_does_not_import_this_package(name: str) -> None:
    modules = [line for line in script(DESCENT, SPECS[name]).splitlines() if line.startswith(("import ", "from "))]
    assert not [line for line in modules if "engine" in line]
