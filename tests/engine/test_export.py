"""A script contains nothing of this package, nothing that a visitor typed, and nothing that breaks it."""

import ast
import csv
import inspect
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import torch

from engine.export import imported, script, source
from engine.optimizers import CATALOGUE, locoprop
from engine.optimizers.adaptive import Adam
from engine.optimizers.gradient import SGD
from engine.sources import imports_of
from engine.surfaces import OWN, PRESETS, SURFACES, DescentSpec
from engine.surfaces.experiments import DESCENT

torch.set_num_threads(1)

SPECS = [preset.spec for preset in PRESETS] + [
    DescentSpec(surface=name, lanes=tuple(record.plain() for record in CATALOGUE.values()), steps=9)
    for name in SURFACES
]  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.surface)
def test_a_script_knows_nothing_of_this_package_and_defines_what_it_uses(spec: DescentSpec) -> None:
    text = script(DESCENT, spec)
    tree = ast.parse(text)
    assert not re.search(r"\bengine\b", text)
    roots = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name
    }
    assert roots <= {"collections", "csv", "math", "numpy", "pytorch_optimizer", "sys", "torch"}
    for name in ("take_steps", "kept", "diagnose", "loss", "main"):
        assert sum(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body) == 1


def test_labels_of_any_characters_reach_the_table_on_any_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ['SGD, "the η" one', "it's \\ a\nline", "'''); raise SystemExit(7) #"]
    spec = DescentSpec(surface="booth", lanes=(SGD(), SGD(lr=0.01), Adam()), steps=2)
    monkeypatch.setattr("engine.surfaces.script.labels", lambda lanes: labels)
    (tmp_path / "experiment.py").write_text(script(DESCENT, spec), encoding="utf-8")
    start = "import runpy, sys; sys.stdout.reconfigure(encoding='ascii'); "
    done = subprocess.run(
        [sys.executable, "-I", "-c", start + "runpy.run_path('experiment.py', run_name='__main__')"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader(StringIO(done.stdout))
    assert [row["lane"] for row in rows] == [label for label in labels for _ in range(3)]


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('id')", "x; import os", "x\nimport os", "x if y else x", "(lambda: x)()", "x.f",
        "x[0]", "torch.load(x)", "open(x)", "exec(x)", "f'{x}'", "x := y", "'''", "\\", "x # y", "x + loss(x, y)",
    ],
)  # fmt: skip
def test_a_hostile_formula_is_refused(formula: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        DescentSpec(surface=OWN, formula=formula)


@pytest.mark.parametrize(
    "formula", ["sin(3*x)*cos(2*y) + (x^2 + y^2)/4", "x^y + softplus(x) - 1e300*1e300*y", "max(x, min(y, pi)) + e^x"]
)
def test_a_formula_becomes_arithmetic_and_calls_of_known_functions_and_nothing_else(formula: str) -> None:
    text = script(DESCENT, DescentSpec(surface=OWN, formula=formula))
    (loss,) = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == "loss")
    assert len(loss.body) == 1 and isinstance(loss.body[0], ast.Return)
    names = {node.id for node in ast.walk(loss) if isinstance(node, ast.Name)}
    assert names <= {"x", "y", "torch", "exp", "power", "product", "quotient", "softplus"}
    attributes = {node.attr for node in ast.walk(loss) if isinstance(node, ast.Attribute)}
    known = "sin cos maximum minimum full_like inf"
    assert attributes <= set(known.split())
    assert not [node for node in ast.walk(loss) if isinstance(node, (ast.Lambda, ast.NamedExpr, ast.JoinedStr))]


def test_what_a_visitor_typed_is_not_in_the_script() -> None:
    text = script(DESCENT, DescentSpec(surface=OWN, formula="x^2   + y^2 + 0.1250*x"))
    assert "x^2" not in text and "0.1250" not in text
    assert "return x**2 + y**2 + 0.125*x" in text


def test_a_module_enters_a_script_without_its_imports_and_brings_those_of_others() -> None:
    assert not imports_of(source(locoprop)) and imports_of(inspect.getsource(locoprop))
    lines = imported(["import sys"], [locoprop])
    assert "import sys" in lines and "import torch" in lines
    assert not any("engine" in line for line in lines)
