"""Widgets that are made from fields: the values at which a logarithmic slider stops."""

import pytest

from pages.ui.controls import GRID, LEAST, MOST, decades, plain
from pages.ui.job_panel import duration


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


def test_a_logarithmic_slider_ends_in_the_decades_of_its_limits() -> None:
    stops = decades(1e-9, 1e9)
    assert (stops[0], stops[-1]) == (LEAST, MOST * GRID[-1])


def test_untrusted_text_is_no_markdown() -> None:
    assert plain("[a](b) *c* <d>") == r"\[a\]\(b\) \*c\* \<d\>"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.2, "a minute"), (1.1, "2 minutes"), (119.5, "120 minutes"), (120, "2 hours"), (1_000, "17 hours")],
)
def test_a_length_of_time_is_said_in_minutes_below_two_hours(minutes: float, words: str) -> None:
    assert duration(minutes) == words
