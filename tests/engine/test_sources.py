"""The modules that a script needs: all that its own modules import, and each module after those that it imports."""

import ast
import inspect
from pathlib import Path
from types import ModuleType

import pytest

from engine import devices
from engine.data import curves, idx, images, mnist
from engine.optimizers import kfac, locoprop, rmsprop
from engine.race import network
from engine.sources import defining, imports_of, with_needed


def test_a_module_comes_after_those_that_it_imports() -> None:
    assert with_needed(mnist) == (images, idx, mnist)
    assert with_needed(curves, mnist) == (images, devices, curves, idx, mnist)
    assert with_needed(curves, mnist, without=(devices, idx)) == (images, curves, mnist)
    found = with_needed(locoprop)
    assert found.index(rmsprop) < found.index(locoprop) == len(found) - 1


@pytest.mark.parametrize("roots", [(kfac,), (locoprop,), (network,)])
def test_nothing_that_is_used_is_missing(roots: tuple[ModuleType, ...]) -> None:
    """Every name that a module imports from this package is defined in one of the earlier modules."""
    defined: set[str] = set()
    for module in with_needed(*roots):
        text = inspect.getsource(module)
        for node in imports_of(text):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("engine."):
                assert {alias.name for alias in node.names} <= defined
        defined |= set(vars(module))


def test_a_name_is_found_where_it_is_defined() -> None:
    assert defining("engine.data", "Images") is images
    assert defining("engine.data", "load_mnist") is mnist
    assert defining("engine.data", "idx") is idx
    assert defining("engine.data", "DATASETS").__name__ == "engine.data"


def test_a_name_that_was_imported_under_another_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "front_door.py").write_text("from engine.data.mnist import load_mnist as digits\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert defining("front_door", "digits") is mnist
