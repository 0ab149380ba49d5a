"""The version of an experiment's computation. While the version stays the same, so do the numbers.

Only source that the computation runs is part of the version, without comments, docstrings and texts for visitors. So
the finished runs of an experiment stay valid after a new sentence, a new figure or a change to another topic. Every
record of a registry that the experiment imports is part of it: a new optimizer makes the stored races old.
"""

import ast
import hashlib
import importlib.metadata
import re
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import resolve_name
from itertools import accumulate
from pathlib import Path
from typing import Any

from engine.experiment import Experiment

PACKAGES = ("torch", "numpy", "pytorch-optimizer")
"""Installed packages whose version can change the numbers."""


@cache
def version(experiment: Experiment[Any, Any]) -> str:
    """A hash of the source of the experiment's ``modules`` and of the versions of ``PACKAGES``."""
    digest = hashlib.sha256(" ".join(map(importlib.metadata.version, PACKAGES)).encode())
    for name, syntax_digest in sorted(modules(experiment).items()):
        digest.update(f"\0{name}\0{syntax_digest}".encode())
    return digest.hexdigest()[:16]


def modules(experiment: Experiment[Any, Any]) -> dict[str, str]:
    """The modules that the experiment's work, fold and spec class run: name -> a hash of its syntax.

    These are the modules that define the three, the packages that contain these modules, and all that they import,
    directly or not, anywhere in their code, by a statement or by a path in a text. Modules outside the engine and
    outside the top-level packages of the three do not count.
    """
    defined = (experiment.work, experiment.fold, getattr(experiment.fold, "__self__", None), experiment.spec)
    waiting = {part.__module__ for part in defined if part is not None}
    tops = {"engine", *(name.partition(".")[0] for name in waiting)}
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name.partition(".")[0] in tops and name not in found and (module := read(name)):
            found[name], imports = module
            waiting |= {name.rpartition(".")[0], *imports}
    return found


@cache
def read(name: str) -> tuple[str, set[str]] | None:
    """A hash of the module's syntax, and the names of all modules that it may import, by a statement or by their path.

    The module is not imported for this. Returns None if there is no such source file.
    """
    path = _find(name)
    if path is None:
        return None
    tree = ast.parse(path.read_bytes())
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return hashlib.sha256(syntax(tree).encode()).hexdigest(), set(_imports(tree, package))


PATH = re.compile(r"\w+(\.\w+)+")
"""A text that names something in a module, such as "engine.optimizers.kfac.KFAC"."""

WORDS = {"title", "description", "label", "about", "rule", "differs", "colour"}
"""Arguments that visitors see on a page, if their values are texts."""


def syntax(node: Any) -> str:
    """The syntax tree ``node`` as text, without comments, docstrings, texts for visitors, layout and line numbers.

    Empty fields are left out, so that a Python version whose nodes have more fields gives the same text.
    """
    if isinstance(node, list):
        return f"[{' '.join(syntax(item) for item in node if not (_is_docstring(item) or _is_words(item)))}]"
    if isinstance(node, ast.AST):
        fields = (f"{name}={syntax(value)}" for name, value in ast.iter_fields(node) if value not in (None, []))
        return f"{type(node).__name__}({' '.join(fields)})"
    return repr(node)


def _is_docstring(node: Any) -> bool:
    """Whether the statement is only a string. Below a constant or a field, too, such a string is documentation."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_words(node: Any) -> bool:
    """Whether ``node`` is an argument of ``WORDS`` whose value is a text."""
    return isinstance(node, ast.keyword) and node.arg in WORDS and isinstance(node.value, ast.Constant | ast.JoinedStr)


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    """The imports of ``tree``, a module of ``package``. In ``from a import b``, "a.b" is a module or a name in "a".

    A text such as "a.b.C" counts too: optimizers name their constructors by such paths.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and PATH.fullmatch(node.value):
            yield node.value.rpartition(".")[0]


def _find(name: str) -> Path | None:
    """The source file of the module ``name``. Its packages are found without executing them."""
    found, places = None, None
    for path in accumulate(name.split("."), "{}.{}".format):
        found = PathFinder.find_spec(path, places)
        places = (found.submodule_search_locations if found else None) or []
    return Path(found.origin) if found and found.origin and found.origin.endswith(".py") else None
