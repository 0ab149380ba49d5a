"""The minutes until a job ends, estimated from its observed progress."""

import pytest

from engine.jobs import minutes_left


def test_the_rest_goes_at_the_pace_that_was_observed() -> None:
    assert minutes_left(100.0, 0.2, 160.0, 0.4) == pytest.approx(3)  # a fifth took a minute, three fifths are left


def test_no_time_is_given_before_enough_was_observed() -> None:
    assert minutes_left(0.0, 0.5, 60.0, 0.51) is None
    assert minutes_left(0.0, 0.5, 0.0, 0.5) is None


def test_a_finished_job_takes_no_more_time() -> None:
    assert minutes_left(0.0, 0.0, 60.0, 1.0) == 0


def test_a_fiftieth_of_the_work_is_enough() -> None:
    assert minutes_left(0.0, 0.0, 60.0, 0.0199) is None
    assert minutes_left(0.0, 0.0, 60.0, 0.0201) == pytest.approx(0.9799 / 0.0201)
