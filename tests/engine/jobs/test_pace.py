"""How long work will still take, told from what was seen of it."""

import pytest

from engine.jobs import Pace


def test_the_rest_takes_as_long_a_share_as_what_was_seen() -> None:
    assert Pace(100.0, 0.2).minutes_left(160.0, 0.4) == pytest.approx(3)  # a fifth in a minute, three are left


def test_nothing_is_said_before_enough_was_seen() -> None:
    assert Pace(0.0, 0.5).minutes_left(60.0, 0.51) is None
    assert Pace(0.0, 0.5).minutes_left(0.0, 0.5) is None


def test_finished_work_takes_no_more_time() -> None:
    assert Pace(0.0, 0.0).minutes_left(60.0, 1.0) == 0
