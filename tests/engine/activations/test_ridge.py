"""The ridge of histograms, and figures that wait for an answer."""

import numpy as np
import pytest

from engine.activations import DepthSpec, Scheme, propagate
from engine.figures.activations import QUANTITIES, depth_figure, outputs_figure


def test_a_row_of_the_ridge_is_the_histogram_of_its_layer() -> None:
    found = propagate(DepthSpec(depth=30, width=32, batch=64))
    faint, lit = (outputs_figure(found, "signal").data[place] for place in (2, 3))  # of the second network
    histogram = found.traces[1].histogram
    count = found.middles.size + 3  # two ends and a gap
    rows = np.array(faint.y).reshape(-1, count)
    assert len(rows) == 15  # every second layer
    np.testing.assert_allclose(faint.customdata.reshape(-1, count, 2)[3, 1:-2, 0], histogram[6], rtol=1e-6)
    assert (faint.customdata[3 * count : 4 * count, 1] == 7).all()
    heights = 7 - rows[3, 1:-2]
    share = heights / heights.max()
    np.testing.assert_allclose(share, histogram[6] / histogram[6].max(), atol=1e-5)  # tanh has no spike to cut
    np.testing.assert_allclose(lit.meta["rows"][6], rows[3, :-1], rtol=1e-6)
    back = outputs_figure(found, "gradient").data[3].meta["rows"]
    np.testing.assert_array_equal(back, lit.meta["rows"][::-1])


def test_dead_layers_have_no_row() -> None:
    found = propagate(DepthSpec(schemes=(Scheme(initializer="he_normal", bias=-3.0),), depth=6))
    rows = outputs_figure(found, "silent").data[1].meta["rows"]
    assert np.isfinite(rows[0]).all() and np.isnan(rows[3:]).all()


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_waiting_figure_is_the_same_whatever_the_result(quantity: str) -> None:
    spec = DepthSpec(depth=5, width=8)
    one, other = (depth_figure(propagate(each), quantity, waits=True) for each in (spec, spec.but(input_scale=9.0)))
    assert one.to_json().replace("input_scale=1.0", "") == other.to_json().replace("input_scale=9.0", "")
    assert all(np.isnan(trace.y).all() for trace in one.data)
