"""The colours of optimizers are legible on both themes, and every eye can tell them apart."""

from itertools import combinations

import numpy as np
import pytest

from engine.optimizers import CATALOGUE
from tests.engine.figures.colours import VISION, contrast, linear, oklab


def nearest(keys: set[str], vision: str) -> float:
    seen = [oklab(VISION[vision] @ linear(CATALOGUE[key].display.colour)) for key in keys]
    return min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))


@pytest.mark.parametrize("paper", ["#ffffff", "#0e1117"])
@pytest.mark.parametrize("key", CATALOGUE)
def test_colours_are_legible_on_both_themes(key: str, paper: str) -> None:
    assert contrast(CATALOGUE[key].display.colour, paper) >= 3


@pytest.mark.parametrize("vision", VISION)
def test_colours_are_told_apart_most_of_all_among_the_usual_optimizers(vision: str) -> None:
    usual = {"sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw", "lbfgs", "newton"}
    assert nearest(usual, vision) > (0.1 if vision == "normal" else 0.07)
    assert nearest(set(CATALOGUE), vision) > (0.07 if vision == "normal" else 0.045)
