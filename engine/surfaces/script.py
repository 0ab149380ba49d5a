"""A race written down without this package: the parts of its standalone script."""

import inspect
from functools import partial
from typing import Any

from engine.experiment import Recipe
from engine.optimizers import SCHEDULES, DampedNewton, Lane
from engine.optimizers.labels import labels
from engine.surfaces.descent import DescentSpec
from engine.surfaces.march import diagnose, kept, march
from engine.surfaces.surface import Surface

MAIN = """\
run = march(lambda point: loss(*point.unbind(-1)), START, list(LANES.values()), STEPS, NOISE, SEED)
sys.stdout.reconfigure(encoding="utf-8")
writer = csv.writer(sys.stdout, lineterminator="\\n")
for index, (name, (count, diverged)) in enumerate(zip(LANES, kept(run, STOP, EPSILON))):
    table = diagnose(run, index, count, MINIMA)
    if index == 0:
        writer.writerow(["lane", "step", *table])
    for step, row in enumerate(zip(*table.values())):
        writer.writerow([name, step, *("" if np.isnan(value) else float(value) for value in row)])
"""


def recipe(spec: DescentSpec) -> Recipe:
    """The parts of ``spec``'s script: it prints ``Descent.table()`` as comma-separated values."""
    surface = spec.place()
    modules = {"torch", *(lane.constructor.split(".")[0] for lane in spec.lanes)} - {"engine"}
    newton = (DampedNewton,) if any(lane.closure == "loss" for lane in spec.lanes) else ()
    makers = [maker(index, lane, spec.steps) for index, lane in enumerate(spec.lanes)]
    lanes = ", ".join(f"{label!r}: lane_{index}" for index, label in enumerate(labels(spec.lanes)))
    return Recipe(
        imports=(
            "import csv",
            "import math",
            "import sys",
            "from collections.abc import Callable, Iterable",
            "",
            "import numpy as np",
            *(f"import {name}" for name in sorted(modules)),
            "from torch import Tensor",
        ),
        functions=(*loss_source(surface), march, kept, diagnose, *newton, *makers),
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
        main=MAIN,
    )  # fmt: skip


def loss_source(surface: Surface) -> tuple[str, ...]:
    """Definitions that end in one of ``loss(x, y)``."""
    f: Any = surface.f
    if surface.source_text:
        return (f"def loss(x, y):\n    return {surface.source_text}\n",)
    settings = f.keywords if isinstance(f, partial) else {}
    function = f.func if isinstance(f, partial) else f
    passed = "".join(f", {name}={value!r}" for name, value in settings.items())
    call = f"def loss(x, y):\n    return {function.__name__}(x, y{passed})\n"
    return (inspect.getsource(function), call)


def maker(number: int, lane: Lane, steps: int) -> str:
    """The function of one lane: point -> (optimizer, scheduler, what ``step`` is given, momentum's state entry)."""
    name = lane.constructor.rsplit(".", 1)[1] if lane.constructor.startswith("engine.") else lane.constructor
    settings = "".join(f", {key}={value!r}" for key, value in lane.arguments().items())
    schedule = SCHEDULES[lane.schedule]
    scheduler = "None"
    if schedule.scheduler:
        knobs = schedule.arguments(lane.lr, lane.phase, lane.factor, steps)
        inner = "".join(f", {key}={value!r}" for key, value in knobs.items())
        scheduler = f"torch.optim.lr_scheduler.{schedule.scheduler}(optimizer{inner})"
    return (
        f"def lane_{number}(point):\n"
        f"    optimizer = {name}([point]{settings})\n"
        f"    return optimizer, {scheduler}, {lane.closure!r}, {lane.momentum_entry()!r}\n"
    )
