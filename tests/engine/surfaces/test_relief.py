"""The relief has the heights of its labels, and gaps where the function has no values."""

import math

import numpy as np
import pytest
import torch

from engine.surfaces import SURFACES, terrain
from engine.surfaces.own import formula_surface

torch.set_num_threads(1)

ALL = SURFACES | {text: formula_surface(text, 2.5) for text in ("exp(exp(x)) + y", "x*1e-200", "max(x, y)*1e300*1e8")}


@pytest.mark.parametrize("name", ALL)
def test_the_grid_holds_the_function_over_its_domain(name: str) -> None:
    surface = ALL[name]
    ground = terrain(surface, 31)
    for axis, side in zip((ground.x, ground.y), surface.domain, strict=True):
        np.testing.assert_allclose(axis, np.linspace(*side, 31), atol=1e-12 * max(map(abs, side)))
    for row, column in ((0, 0), (3, 17), (30, 2)):
        point = torch.tensor([ground.x[column], ground.y[row]])
        assert ground.z[row, column] == pytest.approx(float(surface(point)), rel=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_the_relief_rises_with_the_height_from_0_to_4(name: str) -> None:
    ground = terrain(ALL[name])
    finite = np.isfinite(ground.z)
    order = np.argsort(ground.z[finite])
    rising = ground.relief[finite][order]
    assert (np.diff(rising) >= 0).all()
    assert rising[0] >= 0 and rising[-1] == pytest.approx(4, abs=1e-3)
    apart = np.diff(ground.z[finite][order]) > 1e-3 * ground.unit
    assert (np.diff(rising)[apart] > 0)[: apart.size // 2].all()


@pytest.mark.parametrize("name", ALL)
def test_ticks_stand_where_their_heights_are(name: str) -> None:
    ground = terrain(ALL[name])
    at, heights = ground.ticks
    assert len(at) == len(heights) == 5
    for place, height in zip(at, heights, strict=True):
        assert ground.lift(np.array([height]))[0] == pytest.approx(place)
    assert at == pytest.approx([0, *(math.log10(1 + 10**decade) for decade in range(1, 5))])
    assert heights[0] == ground.floor and heights[-1] == pytest.approx(ground.z[np.isfinite(ground.z)].max())


@pytest.mark.parametrize("name", SURFACES)
def test_lift_is_the_relief_s_scale_and_is_inverted_by_its_formula(name: str) -> None:
    ground = terrain(SURFACES[name])
    np.testing.assert_array_equal(ground.lift(ground.z), ground.relief)
    back = ground.floor + ground.unit * (10**ground.relief - 1)
    np.testing.assert_allclose(back, ground.z, rtol=1e-9, atol=1e-9 * (ground.z.max() - ground.floor))
    assert ground.lift(np.array([ground.floor]), clearance=0.05)[0] == pytest.approx(0.05)


def test_known_minima_between_the_grid_s_points_are_not_below_the_floor() -> None:
    for name in ("rosenbrock", "goldstein-price", "styblinski-tang"):
        surface = SURFACES[name]
        ground = terrain(surface, 8)
        bottoms = surface(torch.tensor(surface.minima, dtype=torch.float64)).numpy()
        assert (ground.lift(bottoms) >= 0).all()
        assert ground.floor == min(ground.z.min(), bottoms.min())


def test_what_lies_below_the_floor_has_no_place() -> None:
    ground = terrain(SURFACES["booth"])
    assert np.isnan(ground.lift(np.array([ground.floor - 1, np.nan, -np.inf]))).all()


def test_where_the_function_has_no_value_the_relief_has_none() -> None:
    ground = terrain(formula_surface("log(x) + y^2", 1.0), 21)
    left = ground.x < 0
    assert np.isnan(ground.z[:, left]).all() and np.isnan(ground.relief[:, left]).all()
    assert np.isneginf(ground.z[:, 10]).all() and np.isnan(ground.relief[:, 10]).all()
    assert np.isfinite(ground.relief[:, ground.x > 0]).all()


@pytest.mark.parametrize(
    ("formula", "height"), [("log(x - 10) + y", np.nan), ("sqrt(x - 5)", np.nan), ("sign(x^2 + 1)", 0.0)]
)
def test_a_function_without_values_or_without_heights_is_flat(formula: str, height: float) -> None:
    ground = terrain(formula_surface(formula, 1.0), 11)
    np.testing.assert_array_equal(ground.relief, np.full((11, 11), height))
    assert all(map(math.isfinite, (ground.floor, ground.unit, *ground.ticks[0], *ground.ticks[1])))


def test_the_table_has_a_row_for_every_point_of_the_grid() -> None:
    surface = SURFACES["beale"]
    ground = terrain(surface, 7)
    table = ground.table()
    assert list(table.columns) == ["x", "y", "loss", "relief"] and len(table) == 49
    points = torch.tensor(table[["x", "y"]].to_numpy())
    np.testing.assert_allclose(table["loss"], surface(points), rtol=1e-12)
    np.testing.assert_array_equal(table["relief"], ground.lift(table["loss"].to_numpy()))
    assert len({(x, y) for x, y in points.tolist()}) == 49


def test_the_part_without_a_finite_height_is_counted_and_told_apart() -> None:
    ground = terrain(formula_surface("sqrt(x) + y^2", 2.0), 41)
    assert ground.missing == pytest.approx(20 / 41)
    assert (ground.undefined == (ground.x < 0)[None, :]).all()
    assert terrain(SURFACES["booth"], 11).missing == 0


@pytest.mark.parametrize("name", ["rosenbrock", "mccormick", "booth"])
def test_the_surroundings_reach_as_far_as_the_widest_and_the_tallest_picture(name: str) -> None:
    surface = ALL[name]
    ground = terrain(surface, 31)
    around = ground.around
    assert around is not None
    (left, right), (low, high) = surface.domain
    assert around.x[-1] - around.x[0] >= (1 - 1e-12) * max(2.4 * (high - low), right - left)
    assert around.y[-1] - around.y[0] >= (1 - 1e-12) * max(1.4 * (right - left), high - low)
    row, column = 3, len(around.x) // 2 + 1
    point = torch.tensor([around.x[column], around.y[row]])
    assert around.z[row, column] == pytest.approx(float(surface(point)), rel=1e-12)
    inside = np.isin(around.x, ground.x)
    np.testing.assert_array_equal(around.relief[np.isin(around.y, ground.y)][:, inside], ground.relief)
    assert (np.diff(around.x) > 0).all() and (np.diff(around.y) > 0).all()
