"""The script of a training runs without this package and prints the same table as the lab."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.export import script
from engine.transformer import LearnSpec
from engine.transformer.experiments import TRAINING

SPECS = {
    "induction": LearnSpec(width=16, steps=3, every=2, batch=4, clip=0.1),
    "dates": LearnSpec(
        task="dates", layers=1, width=16, feed_forward=16, positions="sinusoidal", steps=3, batch=4, fall="cosine"
    ),
    "reverse": LearnSpec(task="reverse", kind="convolutional", width=16, positions="sinusoidal", steps=3, batch=4),
    "sort": LearnSpec(task="sort", kind="additive", width=16, positions="none", steps=3, batch=4),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_script_prints_the_table_on_screen(name: str, tmp_path: Path) -> None:
    path = tmp_path / "experiment.py"
    path.write_text(script(TRAINING, SPECS[name]), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == TRAINING.result(SPECS[name]).table().to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("name", [*SPECS, "sounds"])
def test_a_script_knows_nothing_of_this_package_and_defines_each_name_once(name: str) -> None:
    spec = SPECS.get(name, LearnSpec(task="sounds", positions="sinusoidal"))
    tree = ast.parse(script(TRAINING, spec))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not any(module.startswith("engine") for module in imported)
    defined = Counter(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    assert set(defined.values()) == {1}, [name for name, count in defined.items() if count > 1]
