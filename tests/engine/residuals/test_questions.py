"""The right answer of each question changes with the result. ``tests/pages`` holds the answers of the presets."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.residuals import questions, textbook
from engine.residuals.recorded import POST_LN, recorded
from engine.residuals.shattered import shattering
from engine.signals import StackSpec, gradient_flow

SMALL = StackSpec(depth=6, width=8, batch=4)


@pytest.mark.parametrize(("gain", "place"), [(1.5, 0), (40, 1), (900, 2)])
def test_the_gain_of_the_textbook_s_first_layer_is_the_nearest_that_is_offered(gain: float, place: int) -> None:
    found = textbook()
    changed = replace(found, residual=[gain * found.plain[0], *found.residual[1:]])
    assert questions.TEXTBOOK.right(changed) == place


@pytest.mark.parametrize(("change", "place"), [({"gain": 1.7, "depth": 3}, 0), ({"depth": 20}, 1), ({"depth": 100}, 2)])
def test_what_is_left_of_the_gradient_depends_on_the_depth(change: dict[str, Any], place: int) -> None:
    assert questions.TANH.right(gradient_flow(StackSpec().but(**change))) == place


@pytest.mark.parametrize(("plain", "residual", "place"), [(0.3, 0.9, 0), (0.9, 0.9, 1), (0.3, 0.3, 2), (0.9, 0.3, -1)])
def test_a_network_has_learned_if_most_samples_are_right(plain: float, residual: float, place: int) -> None:
    kept = recorded(POST_LN)
    assert kept is not None
    right = {"plain": np.array([plain]), "residual": np.array([residual])}
    assert questions.WARM_UP.right(replace(kept, right=right)) == place


@pytest.mark.parametrize(("first", "last", "place"), [(1.0, 2.0, 0), (2.0, 1.0, 1), (1.0, 1.0, 2)])
def test_the_gradient_shrinks_grows_or_stays_on_its_way_back(first: float, last: float, place: int) -> None:
    flow = gradient_flow(SMALL)
    residual = replace(flow.residual, gradient=np.array([first, 9.0, last]))
    assert questions.REZERO.right(replace(flow, residual=residual)) == place


@pytest.mark.parametrize(("last", "place"), [(2.0, 0), (0.01, 1), (100.0, 2), (np.inf, 2)])
def test_the_signal_stays_vanishes_or_explodes(last: float, place: int) -> None:
    flow = gradient_flow(SMALL)
    residual = replace(flow.residual, signal=np.array([1.0, last]))
    assert questions.BAD_SCALE.right(replace(flow, residual=residual)) == place


@pytest.mark.parametrize(("plain", "residual", "place"), [(0.9, 0.9, 0), (0.9, 0.1, 1), (0.1, 0.9, 2), (0.1, 0.1, 3)])
def test_gradients_point_the_same_way_if_their_cosine_is_above_a_half(
    plain: float, residual: float, place: int
) -> None:
    found = shattering(SMALL)
    changed = replace(
        found, plain_likeness=np.full_like(found.lag, plain), residual_likeness=np.full_like(found.lag, residual)
    )
    assert questions.SHATTERED.right(changed) == place
