"""CURVES-like images: the seed determines them, all are different, and the ink is where the curve is."""

import pytest
import torch
from torch import Tensor

from engine.data import curves, draw_curves
from engine.data.curves import MARGIN, SIDE, stroke, three_points

torch.set_num_threads(1)


SEEN = 300
POINTS = three_points(SEEN, 0)
DRAWN = draw_curves(SEEN, 0)


def distance_to_curve(points: Tensor) -> Tensor:
    """Each pixel's distance to the parabola through ``points``, written as a Bezier curve: [n, 784] in pixels."""
    a, b, c = points.unsqueeze(2).unbind(1)
    t = torch.linspace(0, 1, 300, dtype=points.dtype).unsqueeze(1)
    curve = (1 - t) ** 2 * a + 2 * t * (1 - t) * (2 * b - (a + c) / 2) + t**2 * c
    y, x = torch.meshgrid(*[torch.arange(SIDE, dtype=points.dtype)] * 2, indexing="ij")
    return torch.cdist(torch.stack([x.flatten(), y.flatten()], 1), curve).amin(2)


def test_a_seed_decides_every_bit_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    for chunk in (1, 7, SEEN):
        monkeypatch.setattr(curves, "CHUNK", chunk)
        assert torch.equal(draw_curves(SEEN, 0), DRAWN)
    assert torch.equal(torch.get_rng_state(), before)
    assert not (draw_curves(SEEN, 1) == DRAWN).all(1).any()


@pytest.mark.parametrize("count", [1, 3, curves.CHUNK, curves.CHUNK + 1])
def test_fewer_curves_are_the_first_of_more(count: int) -> None:
    assert torch.equal(draw_curves(count, 0), DRAWN[:count])


def test_training_and_test_curves_are_all_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "TRAIN", 200)
    monkeypatch.setattr(curves, "TEST", 100)
    images = curves.load_curves()
    assert images.train.shape == (200, 784) and images.test.shape == (100, 784)
    assert torch.cat([images.train, images.test]).unique(dim=0).shape[0] == 300
    assert images.source == "CURVES-like, drawn from seed 0"


def test_every_image_has_full_ink_soft_edges_and_mostly_paper() -> None:
    assert DRAWN.dtype == torch.uint8
    assert (DRAWN.amax(1) == 255).all()
    assert ((DRAWN > 0) & (DRAWN < 255)).any(1).all()
    assert ((DRAWN == 0).sum(1) > 500).all()


def test_ink_is_where_the_curve_is() -> None:
    distance = distance_to_curve(POINTS)
    assert (DRAWN[distance > 2] == 0).all() and (DRAWN[distance > 1.25] < 64).all()
    assert (DRAWN[distance < 0.4] > 96).all()


def test_each_stroke_passes_within_a_pixel_of_its_three_points() -> None:
    inked = (DRAWN > 127).view(SEEN, SIDE, SIDE).nonzero()
    for image, points in enumerate(POINTS):
        place = inked[inked[:, 0] == image][:, 1:].flip(1).to(points.dtype)
        assert (torch.cdist(points, place).amin(1) < 1).all()


def test_no_stroke_is_cut_off_by_the_border() -> None:
    low, high = MARGIN, SIDE - 1 - MARGIN
    ends = torch.tensor([low, high], dtype=torch.float64)
    extreme = torch.cartesian_prod(*[ends] * 6).view(-1, 3, 2)
    centre = torch.full((SIDE, SIDE), False)
    centre[1:-1, 1:-1] = True
    assert stroke(extreme)[:, ~centre.flatten()].amax() < 80
    assert POINTS.amin() >= low and POINTS.amax() <= high
