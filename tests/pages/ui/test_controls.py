"""Widgets made from fields: the stops of a logarithmic slider."""

import pytest

from pages.ui.controls import LEAST, MOST, decades


@pytest.mark.parametrize(
    ("low", "high"), [(1e-12, 1e3), (1.0, 1e4), (0.0, 1.0), (1e-6, 0.02), (0.0, 1e6), (0.03, 700.0)]
)
def test_a_logarithmic_slider_stops_within_the_bounds_in_every_decade(low: float, high: float) -> None:
    stops = decades(low, high)
    assert stops == sorted(set(stops))
    assert all(low <= stop <= high for stop in stops)
    assert (stops[0] == 0) == (low == 0)
    first, last = max(low, LEAST), min(high, MOST)
    decade = 10.0**-6
    while decade <= last:
        if decade >= first:
            assert any(abs(stop / decade - 1) < 1e-9 for stop in stops)
        decade *= 10
