"""The box for a number: what a step changes."""

import pytest

from pages.ui.number_box import stepped


@pytest.mark.parametrize(
    ("value", "steps", "expected"),
    [
        (0.5, 1, 0.6),
        (0.95, -1, 0.949),
        (0.05, 1, 0.06),
        (3.0, 2, 5.0),
        (0.0, 1, 0.1),
        (0.999, 1, 0.9991),
        (1e-5, -3, 0.0),
    ],
)
def test_a_step_of_a_float_moves_its_first_digit(value: float, steps: int, expected: float) -> None:
    assert stepped(value, steps, 0.0, 1.0 if 0.5 < value < 1 else 100.0) == pytest.approx(expected)


def test_a_step_of_an_int_is_one_and_stays_an_int() -> None:
    found = stepped(64, 2, 2, 512)
    assert found == 66 and isinstance(found, int)


@pytest.mark.parametrize(("value", "steps", "end"), [(2, -1, 2), (512, 5, 512), (0.1, -9, 0.0), (9.0, 50, 10.0)])
def test_no_step_leaves_the_bounds(value: float, steps: int, end: float) -> None:
    low, high = (2, 512) if isinstance(value, int) else (0.0, 10.0)
    assert stepped(value, steps, low, high) == end
