"""What the views below a race show, in words, and the names of the paths above them."""

from engine.race import Race, finding
from engine.race.board import board
from engine.race.timeline import timeline
from pages.race.local import curves
from pages.ui import PageState


def lanes(race: Race) -> list[str]:
    """The names of the paths."""
    return race.names


def layers(state: PageState, race: Race) -> str:
    return finding.layers_finding(race, state.settings.part)


def costs(_: PageState, race: Race) -> str:
    return finding.costs_finding(board(race))


def losses(state: PageState, _: object) -> str:
    return finding.losses_finding(state.settings.target, curves(state.settings.target))


def local_timeline(state: PageState, race: Race) -> str:
    return finding.timeline_finding(timeline(race.spec.units(), race.spec.batch, state.settings.local_steps))
