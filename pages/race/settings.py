"""The settings in the race page's link: the race, how it is drawn, and the composed local problem."""

from typing import Annotated, Any

from pydantic import Field

from engine.fields import Choice, Real
from engine.optimizers.layered import LocoPropS
from engine.race import RaceSpec
from engine.race.layer_diagnostics import LAYER_QUANTITIES
from engine.race.measures import AXES, QUANTITIES
from engine.race.recorded import RECORDINGS
from engine.spec import Spec

LOCAL: dict[str, Any] = dict(LocoPropS.model_fields)
"""Fields of the local problem, with the bounds and the help of LocoProp-S. Its fields allow all solvers of LocoProp-M,
and the exact solution in addition."""

OWN = "own"
"""The value of ``show`` for the visitor's own race."""


class Shown(Spec):
    """The race that is shown."""

    show: Annotated[
        str, Choice({key: recording.title for key, recording in RECORDINGS.items()} | {OWN: "Your own"}, "race")
    ] = Field("minutes", title="Race", description="A recorded race, or the one with the settings here")


class OwnRace(Shown, RaceSpec):
    """A race of the visitor's own, if ``show`` is ``OWN``."""


class RaceSettings(OwnRace):
    """A race and how it is drawn: the settings that all views share."""

    axis: Annotated[str, Choice(AXES, "axis")] = Field(
        "epoch",
        title="Against",
        description="Optimizers are compared at equal values of this",
        json_schema_extra={"draw": "segmented"},
    )
    quantity: Annotated[str, Choice(QUANTITIES, "quantity")] = Field(
        "train_loss", title="Quantity", description="The quantity drawn: per image, summed over pixels"
    )
    target: Real = Field(
        1.0, ge=-4, le=4, title="Target a* in the drawing", description="The local losses are drawn around this target"
    )
    composed: Annotated[str, Choice({"matching": "Matching", "squared": "Squared"}, "local loss")] = Field(
        "matching",
        title="Local loss",
        description="What each layer minimizes on a batch",
        json_schema_extra={"draw": "segmented"},
    )
    inner: str = LOCAL["inner"]
    regularizer: float = LOCAL["regularizer"]
    gamma: float = LOCAL["gamma"]
    local_schedule: str = LOCAL["local_schedule"]
    local_steps: int = LOCAL["steps"]


class LayersSettings(RaceSettings):
    """The settings of the view "Layers": a race, and the quantity that is drawn."""

    part: Annotated[str, Choice(LAYER_QUANTITIES, "quantity")] = Field(
        "to_kfac", title="Of each layer", description="The quantity drawn, from each layer's last step in an epoch"
    )
