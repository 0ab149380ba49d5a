"""A number has the value that its writer meant, or is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields import six_digits
from engine.numerals import read_number, share, signed, write_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,5", 0.5), ("0,002", 0.002), ("1,25", 1.25), ("-3,75", -3.75), ("0.5", 0.5), (".5", 0.5), ("2.", 2),
        ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("1,000,000", 1e6), ("1.000.000", 1e6), ("1 000", 1000),
        ("1\u202f000,5", 1000.5), ("1\u00a0234.5", 1234.5), ("1'000", 1000), ("1’000’000", 1e6), ("−3", -3), ("–3", -3),
        ("1e-3", 0.001), ("1E+2", 100), ("10^-3", 0.001), ("10^(-3)", 0.001), ("2*10^-3", 0.002), ("2 × 10^3", 2000),
        ("1/30", 1 / 30), ("3⁄4", 0.75), ("0,5/2", 0.25),
        (" 7 ", 7), ("۰٫۵", 0.5), ("١٢", 12), ("０．５", 0.5), ("+4", 4),
        ("1.000", 1.0), ("0.001", 0.001), ("10⁻³", 0.001), ("1×10⁻³", 0.001), ("2 * 10^3", 2000), ("-10^3", -1000),
        ("1,5/2,5", 0.6), ("1 / 30", 1 / 30), ("- 3", -3), ("۱٬۰۰۰", 1000),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_was_meant(text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("1e3", 1000), ("10^3", 1000), ("1 000", 1000), ("2,0", 2), ("1,000,000", 10**6), ("−3", -3)],
)
def test_a_whole_number_is_an_int(text: str, value: int) -> None:
    found = read_number(text, whole=True)
    assert found == value and isinstance(found, int)


@pytest.mark.parametrize(
    ("text", "whole", "said"),
    [
        ("1,000", False, r"can mean 1000 or 1\.000"), ("12,345", True, r"can mean 12345 or 12\.345"),
        ("1.000", True, r"can mean 1000 or 1\.000"), ("1,5", True, "not a whole number"),
        ("1/0", False, "divides by 0"),
        ("210^3", False, "not a number"), ("1.510^3", False, "not a number"),
        ("1/1,000", False, "can mean 1000 or 1.000"),
        ("1,000/3", False, "can mean"), ("1,000e3", False, "can mean"), ("1,000*10^3", False, "can mean"),
        *((text, False, "not a number") for text in ("1 30", "0 5", "1 5", "10 3", "3, 4", "0'500", "1'00", "1.5'000")),
        ("۰/۵", False, "can be a fraction"), ("1e-400", False, "too small"), ("10^-400", False, "too small"),
        ("1e999", False, "too large"), ("10^400", False, "too large"), ("abc", False, "write it as 0.5"),
        *((text, False, "not a number") for text in ("", "1..2", "1,2,3", "nan", "inf", "0x1", "1_0", "5%", "9" * 50)),
    ],
)  # fmt: skip
def test_what_is_no_number_or_two_is_refused(text: str, whole: bool, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_number(text, whole)


@given(st.floats(allow_nan=False, allow_infinity=False).map(six_digits) | st.integers(-(10**12), 10**12))
def test_what_is_written_is_read(value: float) -> None:
    assert read_number(write_number(value), whole=isinstance(value, int)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.045, "4.5%"), (0, "0.0%"), (1.193, "119.3%"), (2.53, "2.5 times"), (15_417, "15,417 times")],
)
def test_a_share_is_per_cent_and_a_factor_is_a_number_of_times(value: float, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("text", "shown"), [("-0.5", "−0.5"), ("-1.2e-05", "−1.2e-05"), ("3e-07", "3e-07"), ("2 to -1", "2 to -1")]
)
def test_a_sign_is_a_minus_and_an_exponent_s_hyphen_stays(text: str, shown: str) -> None:
    assert signed(text) == shown


@given(st.text(max_size=50) | st.text("0123456789.,eE^*/+- '−٫", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert read_number(text) == read_number(text)
    except ValueError as error:
        assert len(str(error)) < 160  # noqa: PT017


@pytest.mark.parametrize("text", ["1٫234٫567", "3\u20624", "1\u20641", "5'", "10^(3", "10^3)", "2 100/300"])
def test_what_may_be_another_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number|fraction"):
        read_number(text)


def test_the_two_readings_keep_the_exponent() -> None:
    with pytest.raises(ValueError, match=r"1234e-3 or 1\.234e-3"):
        read_number("1,234e-3")
