"""The colours of lanes are legible on both themes, and every eye can tell them apart, also runs of one optimizer."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from engine.figures.colours import TINTS, colours, shade
from engine.figures.style import MARK, RELIEF, dashes
from engine.optimizers import CATALOGUE, RACERS, SGD, Lane
from engine.race.recorded import RECORDINGS
from engine.surfaces import DescentSpec
from engine.surfaces.presets import PRESETS
from tests.engine.figures.colours import PAPERS, THEMES, VISION, contrast, linear, oklab

OPTIMIZERS = CATALOGUE | RACERS

TOGETHER: dict[str, Sequence[Lane]] = {
    "first race": DescentSpec().lanes,
    **{preset.title: preset.spec.lanes for preset in PRESETS},
    **{recording.title: recording.replay()[0].spec.lanes for recording in RECORDINGS.values()},
}
"""Lanes that visitors see together, by the name of the race."""


def nearest(shown: Sequence[str], vision: str = "normal") -> float:
    """The smallest distance between two of the colours."""
    seen = [oklab(VISION[vision] @ linear(colour)) for colour in shown]
    return min((float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)), default=np.inf)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("key", OPTIMIZERS)
def test_a_colour_and_its_tints_are_legible_on_both_themes(key: str, paper: str) -> None:
    """On a relief too: there, a line has a casing in the background's colour."""
    for number in range(len(TINTS) + 1):
        assert contrast(shade(OPTIMIZERS[key].display.colour, number), paper) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_marks_are_legible_on_the_relief(theme: str) -> None:
    for _, colour in RELIEF[theme]:  # type: ignore[literal-required]
        assert contrast(MARK[theme], str(colour)) >= 3  # type: ignore[literal-required]


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("title", TOGETHER)
def test_optimizers_of_a_race_are_told_apart(title: str, vision: str) -> None:
    shown = {lane.display.colour for lane in TOGETHER[title]}
    assert nearest(list(shown), vision) > (0.09 if vision == "normal" else 0.05)


@pytest.mark.parametrize("vision", VISION)
def test_the_first_race_is_the_clearest(vision: str) -> None:
    assert nearest(colours(TOGETHER["first race"]), vision) > (0.17 if vision == "normal" else 0.07)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("records", [CATALOGUE, RACERS])
def test_optimizers_that_can_race_are_told_apart(records: dict[str, type[Lane]], vision: str) -> None:
    shown = [record.display.colour for record in records.values()]
    assert nearest(shown, vision) > (0.065 if vision == "normal" else 0.03)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_runs_of_one_optimizer_differ(key: str) -> None:
    """For eyes that lack a kind of cone, their dashes and the names at their heads tell them apart."""
    colour = OPTIMIZERS[key].display.colour
    shades = [shade(colour, number) for number in range(len(TINTS) + 1)]
    assert shades[0] == colour
    assert nearest(shades) > 0.055


def test_a_race_of_twenty_runs_of_one_optimizer_has_no_two_equal_lines() -> None:
    lanes = [SGD(lr=rate) for rate in np.geomspace(1e-3, 1, 20)]
    looks = set(zip(colours(lanes), dashes([lane.optimizer for lane in lanes]), strict=True))
    assert len(looks) == 20


def test_another_optimizer_changes_no_lane_s_colour() -> None:
    one, two, other = SGD(lr=0.1), SGD(lr=0.2), RACERS["adam"].plain()
    first, second = colours([one, two])
    assert colours([one, other, two]) == [first, other.display.colour, second]


@pytest.mark.parametrize("title", TOGETHER)
def test_no_race_is_mostly_purple(title: str) -> None:
    _, red, yellow = np.array([oklab(linear(colour)) for colour in colours(TOGETHER[title])]).T
    hue = np.degrees(np.arctan2(yellow, red)) % 360
    assert np.count_nonzero((hue > 280) & (hue < 335) & (np.hypot(red, yellow) > 0.08)) <= 3
