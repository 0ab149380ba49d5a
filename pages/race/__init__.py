"""The page of the LocoProp race: optimizers train a deep autoencoder, in a recorded race or in the visitor's own."""

from collections.abc import Callable
from functools import partial

from engine.race import Race
from engine.race.experiments import RACE
from pages.race import findings
from pages.race.chooser import PRESETS, choose
from pages.race.own import own_race, own_settings
from pages.race.panels import costs, layers, local_timeline, losses
from pages.race.recording import recorded_race, recorded_settings
from pages.race.settings import OWN, LayersSettings, RaceSettings
from pages.ui import Page, PageState, View, show


def stage(state: PageState) -> Race | None:
    """Draw the race, and the active view below it. Returns a race that has ended."""
    return (own_race if state.settings.show == OWN else recorded_race)(state)


def sidebar(state: PageState) -> None:
    (own_settings if state.settings.show == OWN else recorded_settings)(state)


def _view(
    key: str,
    title: str,
    draw: Callable[..., None],
    finding: Callable[..., str],
    settings: type[RaceSettings] = RaceSettings,
) -> View:
    return View(key, title, RACE, draw, settings, sidebar, finding=finding, names=findings.lanes)


PAGE = Page(
    address="race",
    title="The LocoProp race",
    views=(
        _view("layers", "Layers", layers, findings.layers, LayersSettings),
        _view("costs", "Costs", costs, findings.costs),
        _view("losses", "Local losses", losses, findings.losses),
        _view("timeline", "Timeline", local_timeline, findings.local_timeline),
    ),
    presets=PRESETS,
    chooser=choose,
    stage=stage,
)

page = partial(show, PAGE)
