"""The drawn signals: the classes' shapes can be found in them, and nothing else tells the classes apart."""

import pytest
import torch

from engine.data.mnist1d import DIGIT_SHAPES, SIGNAL_LENGTH, STRETCHED, digit_shapes, mnist1d

torch.set_num_threads(1)


def test_signals_have_mean_0_and_mean_square_1_and_each_class_as_often() -> None:
    found, labels = mnist1d(2_000, 3)
    assert found.shape == (2_000, SIGNAL_LENGTH) and found.isfinite().all()
    assert found.mean().item() == pytest.approx(0, abs=1e-5) and found.std().item() == pytest.approx(1, rel=1e-5)
    assert torch.bincount(labels).tolist() == [200] * len(DIGIT_SHAPES)


def test_the_shapes_have_the_same_spread_and_begin_and_end_at_0() -> None:
    found = digit_shapes()
    assert not found[:, 0].any() and not found[:, -1].any()
    torch.testing.assert_close(found.std(1, correction=0), torch.full([len(DIGIT_SHAPES)], 1 / 6))


def test_they_depend_on_the_seed_alone() -> None:
    torch.manual_seed(0)
    first, again, other = mnist1d(50, 4)[0], mnist1d(50, 4)[0], mnist1d(50, 5)[0]
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_the_shape_that_explains_most_of_a_signal_names_its_class() -> None:
    """Each shape is laid over each place where it can be. What a straight line explains is left out."""
    found, labels = mnist1d(1_000, 0)
    most = torch.zeros(len(found), len(DIGIT_SHAPES))
    for length in (8, 9, 10):  # a shape takes between 12 and 18 of 72 points, and so 7 to 10 of 40
        scale = torch.linspace(0, 11, length)
        left = scale.floor().long().clamp(max=10)
        drawn = digit_shapes()[:, left] * (1 - scale + left) + digit_shapes()[:, left + 1] * (scale - left)
        line, _ = torch.linalg.qr(torch.stack([torch.ones(length), torch.linspace(-1, 1, length)], 1))
        windows = found.unfold(1, length, 1)  # [N, places, length]
        for number, shape in enumerate(drawn):
            rest = shape - line @ (line.T @ shape)
            explained = (windows @ (rest / rest.norm())).clamp(min=0).square().amax(1)
            most[:, number] = torch.maximum(most[:, number], explained)
    right = (most.argmax(1) == labels).double().mean().item()
    assert right > 0.4  # a guess is right in a tenth of the cases


def test_a_straight_classifier_hardly_learns_them() -> None:
    """Greydanus 2020 reports 32 % for logistic regression, and 10 % is a guess."""
    found, labels = mnist1d(4_000, 0)
    other, known = mnist1d(2_000, 1)
    rows = torch.cat([found, torch.ones(len(found), 1)], 1)
    weight = torch.linalg.lstsq(rows, torch.eye(len(DIGIT_SHAPES))[labels]).solution
    right = ((torch.cat([other, torch.ones(len(other), 1)], 1) @ weight).argmax(1) == known).double().mean().item()
    assert 0.2 < right < 0.42


def test_a_shape_never_wraps_around_the_end() -> None:
    """The longest stretched shape has 12 x 71 / 47 = 18.1 points, and begins at 47 of 72 at the latest."""
    assert 47 + 12 * (STRETCHED - 1) / 47 < STRETCHED
