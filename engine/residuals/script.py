"""Build the standalone scripts of this topic's experiments. Each script prints the ``table()`` of its result."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from engine.experiment import Recipe, plain_settings, table_recipe
from engine.residuals import example, trained, training
from engine.residuals import spec as training_settings
from engine.residuals.spec import TrainingSpec, path_samples, path_work
from engine.signals import spec as stack_settings
from engine.signals.spec import StackSpec
from engine.training.script import construction
from engine.transformer import spec as block_settings

TEXTBOOK_CODE = "\n\n\n".join([
    f"UNITS, SEED = {example.UNITS}, {example.SEED}",
    *(inspect.getsource(part).strip() for part in (example.GELU, example.DeepNetwork, example.mean_gradients)),
])  # fmt: skip
"""The code of the textbook's example. The page shows it with the picture."""

SETTINGS = (stack_settings, block_settings, training_settings)
"""The modules that define settings. A script does not contain them."""

STACK = (StackSpec.spans, StackSpec.branch_scale, StackSpec.weights, StackSpec.work)
"""The methods of ``StackSpec`` that are needed to build networks and to estimate their cost."""

PATHS = (path_work, path_samples)

METHODS = """\
    def fresh_optimizer(self, parameters):
        return {optimizer}

    def but(self, **changes):
        other = type(self)()
        other.__dict__.update(self.__dict__, **changes)
        return other
"""

REPORTED = """

StackSpec = TrainingSpec


def reported(work):
    return [item for item in work if isinstance(item, dict)]
"""


def stack_recipe(settings: StackSpec, result: str, module: ModuleType, *own: Callable[..., Any]) -> Recipe:
    """Return the recipe of a script that prints the table of ``result``.

    result: an expression. It may use ``StackSpec``, the functions ``own``, and all that ``module`` defines.
    """
    return recipe(result, plain_settings(settings, StackSpec, *STACK), *own, modules=(module,))


def training_recipe(settings: TrainingSpec, result: str) -> Recipe:
    """Return the recipe of a script that trains the twins and prints the table of ``result``.

    result: an expression. It may use ``TrainingSpec``, ``reported``, and the functions that train the twins.
    """
    own = plain_settings(settings, TrainingSpec, *STACK, TrainingSpec.small, TrainingSpec.depths)
    lane = settings.lane()
    methods = METHODS.format(optimizer=construction(lane, "parameters", lane.network_arguments()))
    return recipe(result, f"{own}\n{methods}{REPORTED}", *PATHS, modules=(training, trained))


def recipe(result: str, *own: Callable[..., Any] | str, modules: tuple[ModuleType, ...]) -> Recipe:
    """Return the recipe of a script that prints the table of ``result``. See ``table_recipe``."""
    return table_recipe(result, *own, modules=modules, settings=SETTINGS)
