"""The twins' experiments written down without this package: the parts of their standalone scripts.

Each prints the ``table()`` of what the function of the same name returns.
"""

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

from engine import devices, events
from engine.data import idx, images, mnist, points, samples
from engine.experiment import Recipe, plain_settings
from engine.nn import (
    activation_registry,
    activations,
    attention,
    blocks,
    capture,
    initializers,
    normalizations,
    potentials,
)
from engine.residuals import blocks as block_gradients
from engine.residuals import example, paths, shattered, trained, training
from engine.residuals import spec as training_settings
from engine.residuals.spec import TrainingSpec, path_samples, path_work
from engine.signals import flow, network, theory
from engine.signals import spec as stack_settings
from engine.signals.spec import StackSpec
from engine.training import checkpoints, loop
from engine.training.script import construction
from engine.transformer import model
from engine.transformer import spec as block_settings
from engine.transformer.spec import BlockSpec

TEXTBOOK_CODE = "\n\n\n".join([
    f"UNITS, SEED = {example.UNITS}, {example.SEED}",
    *(inspect.getsource(part).strip() for part in (example.GELU, example.DeepNetwork, example.mean_gradients)),
])  # fmt: skip
"""What computes the textbook's example, to be read beside its picture."""

SETTINGS = (stack_settings, block_settings, training_settings)
"""The modules whose constants a script writes as plain values."""

NETWORK = (activations, potentials, activation_registry, initializers, normalizations, blocks, network)

RESIDUAL: tuple[Callable[..., Any], ...] = (
    StackSpec.spans, StackSpec.branch_scale, StackSpec.weights, StackSpec.work,
)  # fmt: skip
"""What the network asks its settings."""

TRAINING: tuple[Callable[..., Any], ...] = (*RESIDUAL, TrainingSpec.small, TrainingSpec.depths)

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
    return _recipe((example,), "textbook()")


def flow_recipe(settings: StackSpec) -> Recipe:
    parts = (plain_settings(settings, StackSpec, *RESIDUAL), *NETWORK, theory, capture, flow)
    return _recipe(parts, "gradient_flow(StackSpec())")


def highway_recipe(settings: StackSpec) -> Recipe:
    parts = (plain_settings(settings, StackSpec, *RESIDUAL), *NETWORK, path_work, path_samples, paths)
    return _recipe(parts, "highway(StackSpec())")


def shattering_recipe(settings: StackSpec) -> Recipe:
    parts = (plain_settings(settings, StackSpec, *RESIDUAL), *NETWORK, shattered)
    return _recipe(parts, "shattering(StackSpec())")


def block_recipe(settings: BlockSpec) -> Recipe:
    parts = (plain_settings(settings, BlockSpec), blocks, attention, model, capture, block_gradients)
    return _recipe(parts, "block_flow(BlockSpec())")


def training_recipe(settings: TrainingSpec) -> Recipe:
    return _trained(settings, "Training.of(spec, told(train(spec)))")


def sweep_recipe(settings: TrainingSpec) -> Recipe:
    return _trained(settings, "Sweep.of(spec, told(sweep(spec)))")


def _trained(settings: TrainingSpec, table: str) -> Recipe:
    methods = METHODS.format(optimizer=construction(settings.lane(), "parameters"))
    own = plain_settings(settings, TrainingSpec, *TRAINING) + "\n" + methods + "\n\nStackSpec = TrainingSpec\n"
    told = "def told(work):\n    return [item for item in work if isinstance(item, dict)]\n"
    data, shared = (images, idx, mnist, points, samples), (events, devices, loop, checkpoints)
    parts = (own, *data, *shared, *NETWORK, theory, capture, flow, path_work, path_samples, paths, training)
    return _recipe((*parts, trained, told, "spec = TrainingSpec()"), table)


def _recipe(parts: tuple[ModuleType | Callable[..., Any] | str, ...], table: str) -> Recipe:
    text = "\n".join(part if isinstance(part, str) else inspect.getsource(part) for part in parts)
    constants = {name: value for module in SETTINGS for name, value in vars(module).items() if name.isupper()}
    used = {
        name: repr(value)
        for name, value in constants.items()
        if isinstance(value, int | float | tuple) and re.search(rf"\b{name}\b", text)
    }
    return Recipe(("import math", "import sys", "import torch"), parts, MAIN.format(table=table), used)
