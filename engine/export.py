"""Write any experiment as a standalone script: the source of the engine that runs, and plain values as settings."""

import ast
import inspect
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from engine.experiment import Experiment, S
from engine.sources import imports_of


def script(experiment: Experiment[S, Any], spec: S) -> str:
    """A Python program that prints the table of ``experiment`` with ``spec`` as CSV. It does not need this package.

    The program imports torch, numpy and the other packages that its recipe names, such as pandas. On the same machine,
    its numbers equal those of the result's ``table()`` to the last bit.
    """
    recipe = experiment.recipe(spec)
    values = "\n".join(f"{name} = {expression}" for name, expression in recipe.values.items())
    main = f"def main():\n{textwrap.indent(recipe.main.strip(), '    ')}"
    title = '"""An experiment from Gradient Lab. Prints its table as comma-separated values."""'
    blocks = filter(None, [*map(source, recipe.functions), values, main, 'if __name__ == "__main__":\n    main()'])
    imports = imported(recipe.imports, [part for part in recipe.functions if isinstance(part, ModuleType)])
    return title + "\n\n" + "\n".join(imports) + "\n\n\n" + "\n\n\n".join(blocks) + "\n"


def source(part: Callable[..., Any] | ModuleType | str) -> str:
    """The source text of a function or a class, or of a module without its imports."""
    if isinstance(part, str):
        return part.strip()
    text = inspect.getsource(part)
    if isinstance(part, ModuleType):
        lines = text.splitlines()
        for node in imports_of(text):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (1 + (node.end_lineno or node.lineno) - node.lineno)
        text = re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines))
    return text.strip()


def imported(lines: Iterable[str], modules: Iterable[ModuleType]) -> list[str]:
    """The imports of ``lines`` and ``modules`` from outside this package. No name is imported twice."""
    plain: set[str] = set()
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for text in ("\n".join(lines), *map(inspect.getsource, modules)):
        for node in imports_of(text):
            if isinstance(node, ast.Import):
                plain.add(ast.unparse(node))
            elif node.module and not node.module.startswith("engine."):
                parts[node.module] |= {ast.unparse(alias) for alias in node.names}
    named = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(parts.items())]
    return sorted(plain) + named
