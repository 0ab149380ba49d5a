"""The page of attention: what the heads of small trained models look at."""

from functools import partial

from pydantic import Field

from engine.attention import HeadsSpec
from engine.attention.experiments import HEADS
from engine.attention.presets import PRESETS
from pages.attention.heads import heads, heads_settings
from pages.ui import Page, View, show


class HeadsSettings(HeadsSpec):
    """What is looked at, and how the large map is drawn."""

    weighed: bool = Field(
        False,
        title="Times what is added",
        description="Multiply each weight by the length of what the token looked at adds, ‖v W_O‖",
    )


PAGE = Page(
    address="attention",
    title="Attention",
    views=(
        View(
            "heads",
            "Heads",
            HEADS,
            heads,
            HeadsSettings,
            heads_settings,
            finding=lambda _, found: found.finding(),
        ),
    ),
    presets=PRESETS,
)

page = partial(show, PAGE)
