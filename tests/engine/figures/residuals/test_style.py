"""The colours of the twins and of a block's parts are legible and distinct."""

import numpy as np
import pytest

from engine.figures.residuals import (
    COLOURS,
    PART_STYLES,
)
from engine.residuals.blocks import PARTS
from tests.engine.figures.colours import PAPERS, VISION, contrast, linear, oklab


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("colour", [*COLOURS.values(), *(colour for colour, _, _ in PART_STYLES.values())])
def test_colours_are_legible_on_both_themes(colour: str, paper: str) -> None:
    assert contrast(colour, paper) >= 3


def test_the_twins_and_a_block_s_parts_are_told_apart() -> None:
    twins = [oklab(VISION[vision] @ linear(colour)) for vision in VISION for colour in COLOURS.values()]
    for plain, residual in zip(twins[::2], twins[1::2], strict=True):
        assert np.linalg.norm(plain - residual) > 0.1
    assert len({look[1:] for look in PART_STYLES.values()}) == len(PARTS)  # by dash or marker, so also without colours
