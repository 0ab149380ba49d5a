"""The page of activations and initializations: what a layer does to a signal."""

from functools import partial
from typing import Annotated

from pydantic import Field

from engine.activations import DepthSpec, FunctionSpec, PhaseSpec, Scheme, finding
from engine.activations.experiments import DEPTH, FUNCTIONS, PHASE, REPAIR, SEQUENCES, TRAINING
from engine.activations.presets import PRESETS
from engine.activations.sequence_spec import SequenceSpec
from engine.activations.training_spec import TrainSpec
from engine.activations.verdicts import VERDICTS
from engine.fields import Choice
from engine.figures.activations import QUANTITIES, READINGS
from engine.figures.activations.sequence import MEASURES
from pages.activations.chooser import (
    depth_settings,
    function_settings,
    plane_settings,
    signals_settings,
    training_settings,
)
from pages.activations.claims import claims, claims_settings
from pages.activations.depth import depth, networks
from pages.activations.functions import curves, functions
from pages.activations.plane import plane
from pages.activations.repair import repair, repair_settings
from pages.activations.signals import learners, signals, signals_task
from pages.activations.training import networks as trained_networks
from pages.activations.training import training, training_task
from pages.ui import Page, View, show


class FunctionSettings(FunctionSpec):
    """The functions, and whether their slopes are drawn."""

    slopes: bool = Field(True, title="Slopes", description="Draw the derivative of each function too, dashed")


class DepthSettings(DepthSpec):
    """The networks, and the quantity that is drawn for them."""

    quantity: Annotated[str, Choice(QUANTITIES, "quantity")] = Field(
        "gradient",
        title="Of each layer",
        description="The quantity that is drawn for each layer",
        json_schema_extra={"draw": "segmented"},
    )


class TrainingSettings(TrainSpec):
    """The training, the reading that is drawn, and the layer of the histogram."""

    reading: Annotated[str, Choice(READINGS, "reading")] = Field(
        "loss",
        title="Reading",
        description="What is drawn against the step",
        json_schema_extra={"draw": "segmented"},
    )
    layer: int = Field(1, ge=1, le=50, title="Layer of the histogram", description="The layer whose outputs are shown")


class SignalsSettings(SequenceSpec):
    """The training on signals, and the measure that is drawn."""

    measure: Annotated[str, Choice(MEASURES, "measure")] = Field(
        "right",
        title="Measure",
        description="What is drawn against the step",
        json_schema_extra={"draw": "segmented"},
    )


class PlaneSettings(PhaseSpec):
    """The chosen network, and the networks of the view "Through depth". The first of them follows the choice."""

    schemes: tuple[Scheme, ...] = Field(DepthSpec().schemes, min_length=1, max_length=6, title="Networks")


PAGE = Page(
    address="activations",
    title="Activations and initialization",
    views=(
        View(
            "depth",
            "Through depth",
            DEPTH,
            depth,
            DepthSettings,
            depth_settings,
            finding=lambda state, found: finding.depth_finding(found, state.settings.quantity),
            names=networks,
        ),
        View(
            "functions",
            "Functions",
            FUNCTIONS,
            functions,
            FunctionSettings,
            function_settings,
            finding=lambda _, found: finding.functions_finding(found),
            names=curves,
        ),
        View(
            "plane",
            "Order and chaos",
            PHASE,
            plane,
            PlaneSettings,
            plane_settings,
            finding=lambda _, found: finding.plane_finding(found),
        ),
        View(
            "training",
            "Training",
            TRAINING,
            training,
            TrainingSettings,
            training_settings,
            task=training_task,
            finding=lambda state, found: finding.training_finding(found, state.settings.reading),
            names=trained_networks,
        ),
        View(
            "signals",
            "Signals",
            SEQUENCES,
            signals,
            SignalsSettings,
            signals_settings,
            task=signals_task,
            finding=lambda _, found: found.finding(),
            names=learners,
        ),
        View(
            "repair",
            "Repair it",
            REPAIR,
            repair,
            controls=repair_settings,
            finding=lambda _, found: finding.repair_finding(found),
        ),
        View(
            "claims",
            "Claims",
            VERDICTS,
            claims,
            controls=claims_settings,
            finding=lambda _, found: found.finding(),
        ),
    ),
    presets=PRESETS,
    about="Each layer multiplies its input by weights and applies an activation. Which pairs let signal and gradient "
    "through many layers?",
)

page = partial(show, PAGE)
