"""What the race page's link holds: the race, how it is looked at, and the local problem that is composed."""

from typing import Annotated

from pydantic import Field

from engine.fields import Choice, Real
from engine.figures.race import PARTS
from engine.race import RaceSpec
from engine.race.recorded import RECORDINGS

OWN = "own"
"""The value of ``show`` for the visitor's own race."""


class RaceSettings(RaceSpec):
    """A race and how it is looked at, whichever view stands below it."""

    show: Annotated[
        str, Choice({key: recording.title for key, recording in RECORDINGS.items()} | {OWN: "Your own"}, "race")
    ] = Field("minutes", title="Race", description="A recorded race, or the one set here")
    axis: Annotated[str, Choice({"epoch": "Epoch", "seconds": "Seconds", "gradients": "Operations"}, "axis")] = Field(
        "epoch", title="Against", description="What lanes are compared at equal amounts of"
    )
    quantity: Annotated[
        str,
        Choice(
            {
                "train_loss": "Train loss",
                "test_loss": "Test loss",
                "train_error": "Train error",
                "test_error": "Test error",
            },
            "quantity",
        ),
    ] = Field("train_loss", title="Quantity", description="What is drawn; per image, summed over its pixels")
    target: Real = Field(
        1.0, ge=-4, le=4, title="Target a* in the drawing", description="Where the local losses are drawn around"
    )
    composed: Annotated[str, Choice({"matching": "Matching", "squared": "Squared"}, "local loss")] = Field(
        "matching", title="Local loss", description="What each layer minimizes on a batch"
    )
    inner: Annotated[
        str,
        Choice(
            {
                "rmsprop": "RMSprop (TensorFlow's)",
                "sgd": "Gradient descent",
                "momentum": "Momentum",
                "nesterov": "Nesterov",
                "adagrad": "Adagrad",
                "adam": "Adam",
                "exact": "Exact",
            },
            "inner optimizer",
        ),
    ] = Field(
        "rmsprop", title="Inner optimizer", description="What solves the local problem; exact: the squared one alone"
    )
    regularizer: Real = Field(
        0.0, ge=0, le=1e6, title="Regularizer λ", description="Holds the weights near where the batch found them"
    )
    gamma: Real = Field(
        10.0, gt=0, le=1e4, title="Activation step γ", description="How far the target lies down the slope of the loss"
    )
    local_schedule: Annotated[str, Choice({"linear": "Linear", "constant": "Constant"}, "schedule")] = Field(
        "linear", title="Local schedule", description="The rate over the local steps: falling to a quarter or constant"
    )
    local_steps: int = Field(10, ge=1, le=50, title="Local steps T", description="Steps on the local problem a batch")


class LayersSettings(RaceSettings):
    """The view "Layers", and which quantity it shows."""

    part: Annotated[str, Choice(PARTS, "quantity")] = Field(
        "to_kfac", title="Of each layer", description="What is drawn of each layer's last step in an epoch"
    )
