"""The page of residual connections: the gradients of one network, without and with shortcuts."""

from functools import partial
from typing import Annotated

from pydantic import Field

from engine.fields import Choice
from engine.figures.residuals import QUANTITIES, READINGS
from engine.residuals import experiments
from engine.residuals.presets import PRESETS, SHATTERED
from engine.residuals.spec import TrainingSpec
from engine.signals import StackSpec
from pages.residuals import findings
from pages.residuals.blocks import block_settings, blocks
from pages.residuals.highway import highway, over_the_training
from pages.residuals.layers import layers
from pages.residuals.shattering import shattering
from pages.residuals.sidebar import network_first, network_settings, training_first
from pages.residuals.textbook import nothing_to_set, textbook
from pages.residuals.training import depths, sweep_task, training, training_task
from pages.ui import Page, View, show


class LayersSettings(StackSpec):
    """Both networks, and the quantity that is drawn for them."""

    shortcuts: bool = Field(True, title="Shortcuts", description="Draw the network with shortcuts too")
    quantity: Annotated[str, Choice(QUANTITIES, "quantity")] = Field(
        "gradient",
        title="Of each layer",
        description="The quantity that is drawn for each layer",
        json_schema_extra={"draw": "segmented"},
    )


class TrainingSettings(TrainingSpec):
    """The training of both networks, and the measure of its success."""

    reading: Annotated[str, Choice(READINGS, "measure")] = Field(
        "loss",
        title="Reading",
        description="How well a network does",
        json_schema_extra={"draw": "segmented"},
    )


PAGE = Page(
    address="residuals",
    title="Residual connections",
    views=(
        View(
            "layers",
            "Layer by layer",
            experiments.FLOW,
            layers,
            LayersSettings,
            network_settings,
            finding=findings.layers,
            names=findings.twins,
        ),
        View(
            "textbook",
            "Textbook example",
            experiments.TEXTBOOK,
            textbook,
            controls=nothing_to_set,
            finding=findings.textbook,
        ),
        View(
            "highway",
            "Gradient paths",
            experiments.HIGHWAY,
            highway,
            TrainingSpec,
            network_first,
            also=over_the_training,
            finding=findings.highway,
        ),
        View(
            "blocks",
            "Transformer",
            experiments.BLOCKS,
            blocks,
            controls=block_settings,
            finding=findings.blocks,
        ),
        View(
            "training",
            "Training",
            experiments.TRAINING,
            training,
            TrainingSettings,
            training_first,
            task=training_task,
            finding=findings.training,
            names=findings.twins,
        ),
        View(
            "depths",
            "Which depth trains",
            experiments.SWEEP,
            depths,
            TrainingSettings,
            training_first,
            task=sweep_task,
            finding=findings.depths,
        ),
        View(
            "shattering",
            "Nearby inputs",
            experiments.SHATTERING,
            shattering,
            controls=network_settings,
            finding=findings.shattering,
            opening=dict(SHATTERED),
        ),
    ),
    presets=PRESETS,
    about="A shortcut adds a layer's input to its output, so the gradient can go around the layer. Both networks have "
    "the same weights.",
)

page = partial(show, PAGE)
