"""The textbook's example gives the published digits."""

import pytest
import torch

from engine.residuals import textbook

PLAIN = [2.0173587e-4, 1.2011161e-4, 7.1520417e-4, 1.3988739e-3, 5.0496464e-3]
RESIDUAL = [0.22169793, 0.20694107, 0.32896996, 0.26657325, 1.3258542]


def test_both_columns_are_the_published_ones() -> None:
    found = textbook()
    assert found.plain == pytest.approx(PLAIN, rel=1e-5)
    assert found.residual == pytest.approx(RESIDUAL, rel=1e-5)


def test_it_leaves_the_random_numbers_of_others_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    textbook()
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)
