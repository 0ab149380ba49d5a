"""The parts of the standalone scripts of this topic's experiments. Each script prints the result's ``table()``."""

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from engine.experiment import Recipe, plain_settings
from engine.residuals import blocks, example, paths, shattered, trained, training
from engine.residuals import spec as training_settings
from engine.residuals.spec import TrainingSpec, path_samples, path_work
from engine.signals import flow
from engine.signals import spec as stack_settings
from engine.signals.spec import StackSpec
from engine.sources import with_needed
from engine.training.script import construction
from engine.transformer import spec as block_settings
from engine.transformer.spec import BlockSpec

TEXTBOOK_CODE = "\n\n\n".join([
    f"UNITS, SEED = {example.UNITS}, {example.SEED}",
    *(inspect.getsource(part).strip() for part in (example.GELU, example.DeepNetwork, example.mean_gradients)),
])  # fmt: skip
"""The code of the textbook's example, to be read beside its picture."""

SETTINGS = (stack_settings, block_settings, training_settings)
"""The modules of settings. A script has the settings as plain values, and only the constants that it uses."""

STACK = (StackSpec.spans, StackSpec.branch_scale, StackSpec.weights, StackSpec.work)
"""The methods of the settings that networks and their costs need."""

PATHS = (path_work, path_samples)

METHODS = """\
    def fresh_optimizer(self, parameters):
        return {optimizer}

    def but(self, **changes):
        other = type(self)()
        other.__dict__.update(self.__dict__, **changes)
        return other
"""

MAIN = """\
torch.set_num_threads(1)
sys.stdout.write({table}.table().to_csv(index=False, lineterminator="\\n"))
"""


def textbook_recipe() -> Recipe:
    return _recipe((), example, "textbook()")


def flow_recipe(settings: StackSpec) -> Recipe:
    return _recipe((plain_settings(settings, StackSpec, *STACK),), flow, "gradient_flow(StackSpec())")


def highway_recipe(settings: StackSpec) -> Recipe:
    return _recipe((plain_settings(settings, StackSpec, *STACK), *PATHS), paths, "highway(StackSpec())")


def shattering_recipe(settings: StackSpec) -> Recipe:
    return _recipe((plain_settings(settings, StackSpec, *STACK),), shattered, "shattering(StackSpec())")


def block_recipe(settings: BlockSpec) -> Recipe:
    return _recipe((plain_settings(settings, BlockSpec),), blocks, "block_flow(BlockSpec())")


def training_recipe(settings: TrainingSpec) -> Recipe:
    return _recipe(
        _trained(settings), training, "Training.of(TrainingSpec(), reported(train(TrainingSpec())))", trained
    )


def sweep_recipe(settings: TrainingSpec) -> Recipe:
    return _recipe(_trained(settings), training, "Sweep.of(TrainingSpec(), reported(sweep(TrainingSpec())))", trained)


def _trained(settings: TrainingSpec) -> tuple[Callable[..., Any] | str, ...]:
    """What the script of a training has besides whole modules."""
    own = plain_settings(settings, TrainingSpec, *STACK, TrainingSpec.small, TrainingSpec.depths)
    methods = METHODS.format(optimizer=construction(settings.lane(), "parameters"))
    reported = "def reported(work):\n    return [item for item in work if isinstance(item, dict)]\n"
    return f"{own}\n{methods}\n\nStackSpec = TrainingSpec\n", *PATHS, reported


def _recipe(own: tuple[Callable[..., Any] | str, ...], module: ModuleType, table: str, *more: ModuleType) -> Recipe:
    """The recipe of a script that prints ``table``.

    own: functions and text that stand before the modules. module, more: modules, with all that they import.
    """
    parts = (*own, *with_needed(module, *more, without=SETTINGS))
    text = "\n".join(part if isinstance(part, str) else inspect.getsource(part) for part in parts)
    constants = {name: value for settings in SETTINGS for name, value in vars(settings).items() if name.isupper()}
    used = {
        name: repr(value)
        for name, value in constants.items()
        if isinstance(value, int | float | tuple) and re.search(rf"\b{name}\b", text)
    }
    return Recipe(("import math", "import sys", "import torch"), parts, MAIN.format(table=table), used)
