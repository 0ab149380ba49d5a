"""Gradients at neighbouring inputs, against their definition and the claims of Balduzzi et al."""

import numpy as np
import pytest
import torch

from engine.residuals.shattered import ARC, POINTS, shattering
from engine.signals import StackSpec, build

RELU = StackSpec(depth=24, width=64, activation="relu", initializer="he_normal")


def test_along_the_arc_the_gradient_is_the_slope_of_the_logit() -> None:
    spec = RELU.but(depth=3, activation="tanh", width=16)
    found = shattering(spec)
    generator = torch.Generator().manual_seed(spec.seed + 1)
    basis, _ = torch.linalg.qr(torch.randn(16, 2, generator=generator, dtype=torch.float64))
    step = 1e-6
    for network, slopes in zip(build(spec), (found.plain, found.residual), strict=True):
        for place in (0, 100, POINTS - 1):
            angles = torch.tensor([found.angle[place] - step, found.angle[place] + step])
            inputs = 4 * (angles.cos()[:, None] * basis[:, 0] + angles.sin()[:, None] * basis[:, 1])
            below, above = network.double()(inputs)[:, 0].tolist()
            assert slopes[place] == pytest.approx((above - below) / (4 * 2 * step), rel=1e-5)


def test_likeness_is_one_at_lag_zero_and_at_most_one() -> None:
    found = shattering(RELU)
    for likeness in (found.plain_likeness, found.residual_likeness):
        assert likeness[0] == pytest.approx(1)
        assert (np.abs(likeness) <= 1 + 1e-12).all()
    assert found.lag[-1] == pytest.approx(ARC * (POINTS // 2 - 1) / (POINTS - 1))
    table = found.table()
    assert table["plain"].tolist() == found.plain.tolist() and len(table) == POINTS
    assert table["residual_likeness"].dropna().tolist() == found.residual_likeness.tolist()


def test_a_linear_network_has_the_same_gradient_everywhere() -> None:
    found = shattering(RELU.but(activation="identity"))
    np.testing.assert_allclose(found.plain_likeness, 1)
    np.testing.assert_allclose(found.residual_likeness, 1)


def test_depth_shatters_plain_gradients_and_shortcuts_keep_them() -> None:
    shallow, deep = shattering(RELU.but(depth=2)), shattering(RELU.but(depth=50))
    assert deep.plain_likeness[30] < 0.7 * shallow.plain_likeness[30]
    assert deep.residual_likeness[30] > 0.95


def test_where_outputs_depend_on_the_batch_there_is_no_gradient_at_one_input() -> None:
    with pytest.raises(ValueError, match="With BatchNorm"):
        shattering(RELU.but(norm="batch"))


def test_what_would_take_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="Choose less depth or width"):
        shattering(RELU.but(depth=76, width=512, batch=2))
