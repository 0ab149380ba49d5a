"""The page of the LocoProp race: optimizers train a deep autoencoder, in a recorded race or in the visitor's own."""

from functools import partial

from engine.race.experiments import RACE
from engine.race.recorded import PRESETS
from pages.race.chooser import choose
from pages.race.own import own_race, own_settings
from pages.race.panels import costs, layers, local_timeline, losses
from pages.race.recording import recorded_race, recorded_settings
from pages.race.settings import OWN, LayersSettings, RaceSettings
from pages.ui import Page, PageState, View, show


def stage(state: PageState) -> None:
    """Draw the race, and the active view below it."""
    (own_race if state.settings.show == OWN else recorded_race)(state)


def sidebar(state: PageState) -> None:
    (own_settings if state.settings.show == OWN else recorded_settings)(state)


PAGE = Page(
    address="race",
    title="The LocoProp race",
    views=(
        View("layers", "Layers", RACE, layers, LayersSettings, sidebar),
        View("costs", "Costs", RACE, costs, RaceSettings, sidebar),
        View("losses", "Local losses", RACE, losses, RaceSettings, sidebar),
        View("timeline", "Timeline", RACE, local_timeline, RaceSettings, sidebar),
    ),
    presets=PRESETS,
    chooser=choose,
    stage=stage,
)

page = partial(show, PAGE)
