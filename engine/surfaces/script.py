"""The recipes of the standalone scripts: each prints the ``table()`` of its experiment's result."""

import ast
import inspect
from functools import partial
from types import ModuleType
from typing import Any

from engine.experiment import PRINT_TABLE, Recipe
from engine.formula import functions
from engine.optimizers import SCHEDULES, Lane
from engine.optimizers.labels import labels
from engine.sources import with_needed
from engine.surfaces import surface as record
from engine.surfaces.spec import DescentSpec, PlaceSpec
from engine.surfaces.stepping import diagnose, kept, take_steps
from engine.surfaces.surface import Surface
from engine.training.script import construction, imports

DESCENT_MAIN = """\
run = take_steps(lambda point: loss(*point.unbind(-1)), START, list(LANES.values()), STEPS, NOISE, SEED)
sys.stdout.reconfigure(encoding="utf-8")
writer = csv.writer(sys.stdout, lineterminator="\\n")
for index, (name, (count, diverged)) in enumerate(zip(LANES, kept(run, STOP, EPSILON))):
    table = diagnose(run, index, count, MINIMA)
    if index == 0:
        writer.writerow(["lane", "step", *table])
    for step, row in enumerate(zip(*table.values())):
        writer.writerow([name, step, *("" if np.isnan(value) else float(value) for value in row)])
"""


def descent_recipe(spec: DescentSpec) -> Recipe:
    surface = spec.place()
    own = with_needed(*(module for lane in spec.lanes for module in lane.modules()))
    makers = [maker(index, lane, spec.steps) for index, lane in enumerate(spec.lanes)]
    lanes = ", ".join(f"{label!r}: lane_{index}" for index, label in enumerate(labels(spec.lanes)))
    return Recipe(
        imports=(
            "import csv",
            "import math",
            "import sys",
            "from collections.abc import Callable, Iterable",
            "import numpy as np",
            "import torch",
            *imports(spec.lanes),
            "from torch import Tensor",
        ),
        functions=(*loss_source(surface), take_steps, kept, diagnose, *own, *makers),
        values={
            "START": repr(spec.origin()),
            "MINIMA": repr(surface.minima),
            "STEPS": repr(spec.steps),
            "NOISE": repr(spec.noise),
            "SEED": repr(spec.seed),
            "STOP": repr(spec.stop),
            "EPSILON": repr(spec.epsilon),
            "LANES": f"{{{lanes}}}",
        },
        main=DESCENT_MAIN,
    )


def place_recipe(spec: PlaceSpec, module: ModuleType, result: str) -> Recipe:
    """The recipe of ``result``, an expression that uses the surface PLACE and the names that ``module`` defines."""
    place = spec.place()
    known = {name: value for name, value in vars(place).items() if name not in ("f", "source_text")}
    return Recipe(
        imports=("import math", "import sys", "import torch", "from torch import Tensor"),
        functions=(*loss_source(place), record, module),
        values={"PLACE": f"Surface(f=loss, {', '.join(f'{name}={value!r}' for name, value in known.items())})"},
        main=PRINT_TABLE.format(result=result),
    )


def loss_source(surface: Surface) -> tuple[ModuleType | str, ...]:
    """The function definitions that ``loss(x, y)`` needs; the last one is the source of ``loss`` itself."""
    f: Any = surface.f
    if surface.source_text:
        names = {node.id for node in ast.walk(ast.parse(surface.source_text)) if isinstance(node, ast.Name)}
        own = f"def loss(x, y):\n    return {surface.source_text}\n"
        return (functions, own) if names & vars(functions).keys() - {"torch"} else (own,)
    settings = f.keywords if isinstance(f, partial) else {}
    function = f.func if isinstance(f, partial) else f
    passed = "".join(f", {name}={value!r}" for name, value in settings.items())
    call = f"def loss(x, y):\n    return {function.__name__}(x, y{passed})\n"
    return (inspect.getsource(function), call)


def maker(number: int, lane: Lane, steps: int) -> str:
    """The source of a function that starts a lane, as ``engine.surfaces.descent.begin`` does, but in plain torch."""
    schedule = SCHEDULES[lane.schedule]
    scheduler = "None"
    if schedule.scheduler:
        knobs = schedule.arguments(lane.lr, lane.phase, lane.factor, steps)
        inner = "".join(f", {key}={value!r}" for key, value in knobs.items())
        scheduler = f"torch.optim.lr_scheduler.{schedule.scheduler}(optimizer{inner})"
    return (
        f"def lane_{number}(point):\n"
        f"    optimizer = {construction(lane, '[point]', lane.arguments())}\n"
        f"    return optimizer, {scheduler}, {lane.closure!r}, {lane.momentum_entry()!r}\n"
    )
