"""The shares of the highway are drawn where they belong."""

import numpy as np

from engine.figures.residuals import (
    lengths_figure,
    shares_figure,
)
from engine.residuals import highway
from engine.signals import StackSpec

SPEC = StackSpec(depth=6, width=8, batch=4)


def test_paths_that_cannot_reach_a_place_are_not_drawn() -> None:
    found = highway(SPEC)
    drawn = np.array(lengths_figure(found).data[0].z, dtype=float)
    for place in range(7):
        assert np.isfinite(drawn[: 7 - place, place]).all() and np.isnan(drawn[7 - place :, place]).all()
    np.testing.assert_allclose(drawn[:, 0], found.lengths[0], rtol=1e-6)


def test_both_ways_of_the_gradient_make_up_the_whole() -> None:
    by_shortcut, through = shares_figure(highway(SPEC)).data
    np.testing.assert_allclose(np.array(by_shortcut.y) + np.array(through.y), 1)
