"""The source text of this package's modules: their imports, and the modules they need to run outside the package."""

import ast
import importlib
import inspect
from collections.abc import Container
from types import ModuleType

PACKAGE = __name__.partition(".")[0]


def imports_of(text: str) -> list[ast.Import | ast.ImportFrom]:
    """The import statements at the top level of a program."""
    return [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]


def with_needed(*modules: ModuleType, without: Container[ModuleType] = ()) -> tuple[ModuleType, ...]:
    """Return ``modules`` and all modules of this package that they import, directly or not.

    Each module appears once, and after the modules that it imports. without: modules to leave out, together with the
    modules that only they import.
    """
    found: dict[ModuleType, None] = {}

    def add(module: ModuleType) -> None:
        for node in imports_of(inspect.getsource(module)):
            if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == PACKAGE:
                for alias in node.names:
                    needed = defining(str(node.module), alias.name)
                    if needed not in found and needed not in without:
                        add(needed)
        found.setdefault(module)

    for module in modules:
        add(module)
    return tuple(found)


def defining(path: str, name: str) -> ModuleType:
    """The module that defines ``name``. The module at ``path`` either defines this name or imports it."""
    module = importlib.import_module(path)
    if isinstance(value := getattr(module, name), ModuleType):
        return value
    for node in imports_of(inspect.getsource(module)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if name in (alias.asname, alias.name):
                    return defining(str(node.module), alias.name)
    return module
