"""The page of loss surfaces: optimizers race down a surface, and the visitor can change every setting."""

from functools import partial
from typing import Annotated

from pydantic import Field

from engine.fields import Choice
from engine.surfaces import PRESETS, QUANTITIES, DescentSpec
from engine.surfaces.experiments import DESCENT
from pages.surfaces.race import from_above, in_three_dimensions, labels, what_is_seen
from pages.surfaces.sidebar import sidebar
from pages.ui import Page, View, show


class RaceSettings(DescentSpec):
    """A race, and the quantity that is drawn against the step."""

    curve: Annotated[str, Choice(QUANTITIES, "curve")] = Field(
        "loss",
        title="Curve",
        description="The quantity that is drawn against the step",
        json_schema_extra={"draw": "segmented"},
    )


PAGE = Page(
    address="surfaces",
    title="Loss surfaces",
    views=(
        View("map", "Map", DESCENT, from_above, RaceSettings, sidebar, finding=what_is_seen, names=labels),
        View("solid", "3-D", DESCENT, in_three_dimensions, RaceSettings, sidebar, finding=what_is_seen, names=labels),
    ),
    presets=PRESETS,
    about="Each line is one optimizer's way down from the same start. It sees only the slope where it stands. f is the "
    "loss.",
)

page = partial(show, PAGE)
