"""What the views show, in words, and the names of the paths in their pictures."""

from engine.residuals import finding
from engine.residuals.blocks import PARTS, BlockFlow, intact
from engine.residuals.example import Textbook
from engine.residuals.experiments import BLOCKS
from engine.residuals.paths import Highway
from engine.residuals.shattered import Shattering
from engine.residuals.trained import Sweep, Training
from engine.signals import TWINS, Flow
from pages.ui import PageState, computed


def twins(_: object) -> list[str]:
    """The names of the paths in every picture of both networks."""
    return list(TWINS.values())


def parts(found: BlockFlow) -> list[str]:
    """The names of the paths in the picture of the blocks."""
    return [PARTS[part] for part in found.norm]


def layers(state: PageState, flow: Flow) -> str:
    return finding.flow_finding(flow, state.settings.quantity, state.settings.shortcuts)


def textbook(_: PageState, found: Textbook) -> str:
    return finding.textbook_finding(found)


def highway(_: PageState, found: Highway) -> str:
    return finding.highway_finding(found)


def blocks(_: PageState, found: BlockFlow) -> str:
    return finding.blocks_finding(found, computed(BLOCKS, intact(found.spec)))


def training(_: PageState, so_far: Training) -> str:
    return finding.training_finding(so_far)


def depths(state: PageState, so_far: Sweep) -> str:
    return finding.sweep_finding(so_far, state.settings.reading)


def shattering(_: PageState, found: Shattering) -> str:
    return finding.shattering_finding(found)
