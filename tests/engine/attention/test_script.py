"""The script of a map of attention runs beside its file of weights and prints the same table as the lab."""

import ast
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.attention import HeadsSpec
from engine.attention.experiments import HEADS
from engine.export import script

SPECS = {
    "induction": HeadsSpec(step=150, text="abcdabcd"),
    "dates": HeadsSpec(model="dates", part="encoder", layer=1),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_script_prints_the_table_on_screen(name: str, tmp_path: Path) -> None:
    spec = SPECS[name]
    path = tmp_path / "experiment.py"
    path.write_text(script(HEADS, spec), encoding="utf-8")
    for file in HEADS.files(spec):
        shutil.copy(file, tmp_path)
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == HEADS.result(spec).table().to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("name", SPECS)
def test_a_script_knows_nothing_of_this_package_and_defines_each_name_once(name: str) -> None:
    tree = ast.parse(script(HEADS, SPECS[name]))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not any(module.startswith("engine") for module in imported)
    defined = Counter(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    assert set(defined.values()) == {1}, [name for name, count in defined.items() if count > 1]
