"""Laws of the source code itself, in addition to the layers that `make lint` checks."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("engine", "pages") for path in (ROOT / folder).rglob("*.py"))
OTHERS = sorted(path for folder in ("benchmarks", "scripts", "tests") for path in (ROOT / folder).rglob("*.py"))
SCRIPTS = sorted((ROOT / "pages").rglob("*.js"))
LONGEST = 300

RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
UNPICKLES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def imported(tree: ast.AST) -> Iterator[str]:
    """The top-level packages that a module imports, anywhere in its code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@each_source
def test_no_text_is_run_as_code(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & RUNS_TEXT
    assert not set(imported(tree)) & UNPICKLES


@each_source
def test_nothing_imports_the_app(path: Path) -> None:
    assert "app" not in imported(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", SOURCES + OTHERS + SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_held_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("package", ["engine", "pages"])
def test_no_module_imports_itself_by_way_of_others(package: str) -> None:
    """Imports that serve only annotations do not count, because they never run."""
    graph = grimp.build_graph(package, exclude_type_checking_imports=True)
    TopologicalSorter({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}).prepare()


BARE_MACHINE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import {modules}
"""


def test_the_engine_computes_with_torch_numpy_pandas_and_pydantic_alone() -> None:
    absent = {
        "streamlit", "plotly", "pyarrow", "pytorch_optimizer", "pooch", "distributed", "dask", "safetensors",
        "tokenizers",
    }  # fmt: skip
    modules = ", ".join(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in SOURCES
        if path.is_relative_to(ROOT / "engine") and not path.is_relative_to(ROOT / "engine" / "figures")
    )
    script = BARE_MACHINE.format(absent=absent, modules=modules)
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
