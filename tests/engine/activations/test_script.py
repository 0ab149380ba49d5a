"""The scripts of activations run without this package, and print the same tables as the screen, letter for letter."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.activations import CostSpec, DepthSpec, FunctionSpec, PhaseSpec, Scheme, Unit
from engine.activations import experiments as ours
from engine.activations.sequence_spec import Learner, SequenceSpec
from engine.activations.training_spec import RepairSpec, TrainSpec
from engine.experiment import Experiment
from engine.export import script
from engine.spec import Spec

torch.set_num_threads(1)

FORMULA = "z * sigmoid(1.7 * z) + max(z, 0)^2"
UNITS = (Unit(activation="own"), Unit(activation="leaky_relu", a=-0.25), Unit(activation="celu", a=2), Unit())
SCHEMES = (
    Scheme(activation="own", initializer="orthogonal", gain=0.5),
    Scheme(activation="elu", a=0.7, initializer="torch", bias=0.1, bias_spread=0.2),
    Scheme(activation="gelu_tanh", initializer="gain"),
)

LEARNERS = (
    Learner(activation="own", initializer="orthogonal", gain=0.5, lr=0.01),
    Learner(activation="celu", a=0.7, bias=0.1, bias_spread=0.2),
)

EXPERIMENTS: dict[str, tuple[Experiment[Any, Any], Spec]] = {
    "functions": (ours.FUNCTIONS, FunctionSpec(units=UNITS, formula=FORMULA, mean=0.5)),
    "depth": (
        ours.DEPTH,
        DepthSpec(schemes=SCHEMES, formula=FORMULA, depth=5, width=9, batch=7, inputs="spirals", other_layer=2),
    ),
    "maps": (ours.MAPS, DepthSpec(schemes=SCHEMES, formula=FORMULA, depth=3, width=9)),
    "training": (
        ours.TRAINING,
        TrainSpec(schemes=SCHEMES, formula=FORMULA, depth=2, width=8, batch=8, steps=12, seeds=2, order=1, lr=0.01),
    ),
    "repair": (ours.REPAIR, RepairSpec(head=True, dead=True, steps=10)),
    "phase": (ours.PHASE, PhaseSpec(unit=UNITS[:1], formula=FORMULA, depth=4, width=12, draws=3, weight=0.4)),
    "convolutional": (ours.SEQUENCES, SequenceSpec(learners=LEARNERS, formula=FORMULA, width=5, steps=12, seeds=2)),
    "recurrent": (
        ours.SEQUENCES,
        SequenceSpec(network="recurrent", learners=LEARNERS, formula=FORMULA, depth=2, width=5, steps=12, seeds=1),
    ),
}
COSTS = (ours.COSTS, CostSpec(units=UNITS, formula=FORMULA))
ALL = EXPERIMENTS | {"costs": COSTS}


def printed(experiment: Experiment[Any, Any], spec: Spec, folder: Path) -> str:
    path = folder / "experiment.py"
    path.write_text(script(experiment, spec), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_script_prints_the_table_on_screen(name: str, tmp_path: Path) -> None:
    experiment, spec = EXPERIMENTS[name]
    expected = experiment.result(spec).table().to_csv(index=False, lineterminator="\n")
    assert printed(experiment, spec, tmp_path) == expected


def test_the_script_of_the_costs_measures_the_same_functions(tmp_path: Path) -> None:
    head, *rows = printed(*COSTS, tmp_path).splitlines()
    assert head == "name,forward,backward"
    assert [row.rsplit(",", 2)[0].strip('"') for row in rows] == [unit.name() for unit in UNITS]
    assert all(float(number) > 0 for row in rows for number in row.rsplit(",", 2)[1:])


@pytest.mark.parametrize("name", ALL)
def test_a_script_knows_nothing_of_this_package_and_defines_each_name_once(name: str) -> None:
    text = script(*ALL[name])
    assert not re.search(r"\bfrom engine\b|\bimport engine\b|pydantic", text)
    body = ast.parse(text).body
    defined = Counter(node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    assert set(defined.values()) == {1}
