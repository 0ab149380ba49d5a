"""Each preset shows what its sentence promises. Numbers prove it."""

import math
from collections import Counter
from functools import cache

import numpy as np
import pytest
import torch

from engine.experiment import Preset
from engine.optimizers.adaptive import AdamW
from engine.optimizers.gradient import HeavyBall
from engine.spec import decode, encode
from engine.surfaces import PRESETS, Descent, DescentSpec, critical_points, descend, outcomes

torch.set_num_threads(1)


@cache
def shown(title: str) -> Descent:
    (preset,) = (preset for preset in PRESETS if preset.title == title)
    return descend(preset.spec)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_preset_fits_in_a_link(preset: Preset[DescentSpec]) -> None:
    link = encode(preset.spec)
    assert decode(DescentSpec, link) == (preset.spec, [])
    assert sum(map(len, link.values())) < 400


def test_only_momentum_differs_and_it_cancels_across_and_adds_up_along_the_valley() -> None:
    plain, heavy = shown("Momentum in a ravine").runs
    assert isinstance(heavy.lane, HeavyBall) and plain.lane.lr == heavy.lane.lr
    assert 550 < plain.columns["loss"][-1] / heavy.columns["loss"][-1] < 650
    angle = math.radians(30)
    across, along = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    # Along the valley the curvature is 1. There each step of the heavy ball multiplies the error by the larger root of
    # its characteristic equation.
    rate, momentum = heavy.lane.lr, heavy.lane.momentum
    root = np.roots([1, -(1 + momentum - rate), momentum]).max()
    pace = np.abs((heavy.positions[60] @ along) / (heavy.positions[59] @ along))
    assert pace == pytest.approx(root, abs=1e-4) and pace < (1 - rate) ** 2.5
    assert np.abs(heavy.positions[20:] @ across).max() < 0.01 * np.abs(heavy.positions[:5] @ across).max()


def test_adamw_ends_in_the_box_and_adam_at_the_penalized_minimum() -> None:
    adam, adamw = shown("Adam against AdamW").runs
    # Booth's slope A z - b plus the decay z is zero where (A + 1) z = b.
    penalized = np.linalg.solve(np.array([[11.0, 8.0], [8.0, 11.0]]), [34.0, 38.0])
    np.testing.assert_allclose(adam.positions[-1], penalized, atol=1e-4)
    np.testing.assert_allclose(penalized, (1.23, 2.56), atol=0.01)
    assert np.abs(adam.positions[-1]).max() > 1
    assert isinstance(adamw.lane, AdamW)
    assert np.abs(adamw.positions[-1]).max() <= 1 / adamw.lane.weight_decay
    assert np.abs(adamw.positions[-1]).max() > 0.99  # at the edge of the box
    assert np.abs(adamw.positions[0]).min() > 1


def test_newton_rests_at_the_saddle_and_the_others_reach_a_minimum() -> None:
    plain, heavy, rms, adam, newton = shown("Saddle escape").runs
    assert np.hypot(*newton.positions[-1]) < 1e-6
    out = []
    for run in (plain, heavy, rms, adam):
        assert run.columns["distance"][-1] < 0.01
        out.append(int(np.flatnonzero(np.abs(run.positions[:, 1]) > 0.5)[0]))
    assert out[0] > out[1] > 50  # plain descent and momentum linger
    assert max(out[2:]) < 15  # the others leave at once


def test_four_learning_rates_end_in_four_ways() -> None:
    descent = shown("Learning rates")
    slow, there, hopping, gone = descent.runs
    ends = outcomes(descent)
    assert [end.to_tolerance for end in ends] == [None, 26, None, None]
    assert ends[0].verdict == "not there yet" and (np.diff(slow.columns["loss"]) < 0).all()
    assert ends[1].verdict.startswith("reached")
    assert there.columns["distance"][26] <= 0.01 < there.columns["distance"][25]
    assert ends[2].verdict == "cannot settle" and not hopping.diverged
    assert (hopping.columns["step_length"][-50:-1] > 0.1).all()
    assert hopping.columns["distance"][-50:].max() < 3
    assert ends[3].verdict == "diverged at step 9" and gone.diverged


def test_a_rate_just_below_the_limit_converges_and_one_just_above_does_not() -> None:
    below, above = shown("Around 2/λ").runs
    steep = np.array([math.cos(math.pi / 6), math.sin(math.pi / 6)])  # the axis with curvature 20
    for run, factor in ((below, 1 - 0.098 * 20), (above, 1 - 0.102 * 20)):
        along = run.positions @ steep
        np.testing.assert_allclose(along[1:], factor * along[:-1], rtol=1e-9)  # the run hops across the valley
    lengths = above.columns["step_length"][:-1]
    assert (np.diff(lengths)[10:] > 0).all()
    assert below.columns["distance"][-1] < 0.02 * below.columns["distance"][0]


def test_the_own_formula_has_minima_saddles_and_maxima() -> None:
    surface = shown("Own formula").surface
    kinds = Counter(critical_points(surface, surface.domain).kind)
    assert min(kinds["minimum"], kinds["saddle"], kinds["maximum"]) >= 4


def test_momentum_runs_past_the_minimum_where_the_others_end_into_the_lowest() -> None:
    descent = shown("Own formula")
    plain, heavy, adam = (run.positions for run in descent.runs)
    assert np.linalg.norm(plain[-1] - adam[-1]) < 0.01
    assert descent.runs[1].columns["loss"][-1] == pytest.approx(descent.lowest)
    assert descent.runs[0].columns["loss"][-1] > descent.lowest + 1
    assert np.linalg.norm(heavy - plain[-1], axis=1).min() < 0.5 < np.linalg.norm(heavy[-1] - plain[-1])


@pytest.mark.parametrize(("away", "valley"), [((0.3, -0.4), "the same minimum"), ((-0.9, 1.2), "another minimum")])
def test_a_mark_is_compared_with_the_end_of_the_run(away: tuple[float, float], valley: str) -> None:
    (question,) = (preset.question for preset in PRESETS if preset.question and preset.question.beside)
    descent = shown("Own formula")
    x, y = descent.runs[1].positions[-1] + away
    assert question and question.beside
    said = question.beside(descent, (x, y))
    assert f"Your mark is {math.hypot(*away):.3g} away" in said and said.endswith(f"nearest to {valley}.")
    assert not question.answers and question.right(descent) == -1
