"""What can be computed about residual connections."""

from engine.experiment import Experiment
from engine.residuals import script
from engine.residuals.blocks import block_flow
from engine.residuals.example import textbook
from engine.residuals.paths import highway
from engine.residuals.shattered import shattering
from engine.residuals.spec import TextbookSpec, TrainingSpec, path_work
from engine.residuals.trained import Sweep, Training
from engine.residuals.training import sweep, train
from engine.signals.flow import gradient_flow
from engine.signals.spec import StackSpec
from engine.transformer.spec import BlockSpec

PACE = 2.5e10
"""Floating-point operations a second of passes through the networks of a page."""

HERE = "engine.residuals.experiments"

TEXTBOOK = Experiment(
    name=f"{HERE}:TEXTBOOK",
    spec=TextbookSpec,
    run=lambda _: textbook(),
    seconds=lambda _: 0.01,
    recipe=lambda _: script.textbook_recipe(),
)
"""The gradients that a textbook prints."""

FLOW = Experiment(
    name=f"{HERE}:FLOW",
    spec=StackSpec,
    run=gradient_flow,
    seconds=lambda spec: 0.03 + spec.work() / PACE,
    recipe=script.flow_recipe,
)
"""Signals and gradients layer by layer."""

HIGHWAY = Experiment(
    name=f"{HERE}:HIGHWAY",
    spec=StackSpec,
    run=highway,
    seconds=lambda spec: 0.03 + min(path_work(spec, spec.batch), 1.2e10) / PACE,
    recipe=script.highway_recipe,
)
"""How much of the gradient came by the shortcuts."""

SHATTERING = Experiment(
    name=f"{HERE}:SHATTERING",
    spec=StackSpec,
    run=shattering,
    seconds=lambda spec: 0.03 + 4 * spec.work() / spec.batch * 256 / PACE,
    recipe=script.shattering_recipe,
)
"""How alike the gradients at neighbouring inputs are."""

BLOCKS = Experiment(
    name=f"{HERE}:BLOCKS",
    spec=BlockSpec,
    run=block_flow,
    seconds=lambda spec: 0.02 + spec.block_work() / PACE,
    recipe=script.block_recipe,
)
"""Gradients of each part of transformer blocks."""

TRAINING = Experiment(
    name=f"{HERE}:TRAINING",
    spec=TrainingSpec,
    work=train,
    fold=Training.of,
    seconds=lambda spec: 60 * spec.minutes(),
    recipe=script.training_recipe,
)
"""Both twins in training."""

SWEEP = Experiment(
    name=f"{HERE}:SWEEP",
    spec=TrainingSpec,
    work=sweep,
    fold=Sweep.of,
    seconds=lambda spec: 60 * spec.minutes(spec.depths()),
    recipe=script.sweep_recipe,
)
"""How well both twins end, depth by depth."""
