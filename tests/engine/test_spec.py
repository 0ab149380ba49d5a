"""The link codec: an encoded spec is decoded unchanged, and no link can break or overload the machine."""

import math
from typing import Annotated, Literal
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import Field, ValidationError, model_validator

from engine.fields import Real, six_digits
from engine.spec import LONGEST_LINK, MOST_PARAMETERS, Spec, decode, encode, read


class Walk(Spec):
    gait: Literal["walk"] = "walk"
    pace: Real = Field(0.1, gt=0, le=10)
    step_size: Real = Field(0, ge=-5, le=5)


class Hop(Spec):
    gait: Literal["hop"] = "hop"
    twice: bool = False


class Trip(Spec):
    place: Literal["hill", "ravine"] = "hill"
    note: str = Field("", max_length=50)
    start: tuple[Real, Real] | None = None
    legs: tuple[Annotated[Walk | Hop, Field(discriminator="gait")], ...] = Field((Walk(), Hop()), max_length=4)
    hours: int = Field(8, ge=1, le=100)
    days: int = Field(1, ge=1, le=100)

    @model_validator(mode="after")
    def affordable(self) -> "Trip":
        if self.hours * self.days > 1000:
            raise ValueError("at most 1000 hours in all")
        return self


class Tour(Trip):
    guests: int = Field(1, ge=1, le=100)
    coaches: int = Field(1, ge=1, le=100)

    @model_validator(mode="after")
    def seated(self) -> "Tour":
        if self.coaches > self.guests:
            raise ValueError("more coaches than guests")
        return self


class Voyage(Trip):
    diary: str = ""
    floor: int = 0
    calm: bool = True


class Sprint(Spec):
    hours: int = Field(1, ge=1, le=3)


reals = some.floats(-5, 5).map(six_digits)
walks = some.builds(Walk, pace=some.floats(1e-6, 10), step_size=reals)
hops = some.builds(Hop, twice=some.booleans())
durations = some.integers(1, 100).flatmap(lambda hours: some.tuples(some.just(hours), some.integers(1, 1000 // hours)))
trips = some.builds(
    lambda duration, **others: Trip(hours=duration[0], days=min(duration[1], 100), **others),
    durations,
    place=some.sampled_from(["hill", "ravine"]),
    note=some.text(max_size=50),
    start=some.none() | some.tuples(reals, reals),
    legs=some.lists(walks | hops, max_size=4).map(tuple),
)


@given(trips)
def test_decode_inverts_encode(trip: Trip) -> None:
    assert decode(Trip, encode(trip)) == (trip, [])


def test_defaults_are_left_out() -> None:
    assert encode(Trip()) == {}
    assert encode(Trip(hours=9)) == {"hours": "9"}


def test_nested_specs_need_no_escapes_in_a_url() -> None:
    params = encode(Trip(legs=(Walk(pace=1e-5, step_size=-2.5), Hop(twice=True))))
    assert params == {"legs": "walk_pace_1e-05_step-size_-2.5~hop_twice_1"}
    assert "%" not in urlencode(params)


@given(some.dictionaries(some.text(max_size=20) | some.sampled_from(list(Trip.model_fields)), some.text(), max_size=8))
def test_any_text_gives_a_valid_spec(params: dict[str, str]) -> None:
    trip, problems = decode(Trip, params)
    assert Trip(**dict(trip)) == trip
    assert all(isinstance(problem, str) and len(problem) < 400 for problem in problems)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("hours", "1e9"), ("hours", "999"), ("hours", "nan"), ("hours", ""), ("hours", "٣"),
        ("start", "nan_1"), ("start", "inf_1"), ("start", "1"), ("start", "1_2_3"), ("start", "1e999_0"),
        ("place", "<script>"), ("note", "x" * 51), ("note", "x" * (LONGEST_LINK + 1)),
        ("legs", "crawl"), ("legs", "~".join(["walk"] * 5)),
    ],
)  # fmt: skip
def test_a_bad_value_takes_its_default_alone_and_is_named(field: str, text: str) -> None:
    trip, problems = decode(Trip, {field: text, "days": "3"})
    assert trip == Trip(days=3)
    assert problems[-1].startswith(f"{field} = ")


def test_a_list_may_be_empty() -> None:
    assert decode(Trip, {"legs": "", "days": "3"}) == (Trip(days=3, legs=()), [])


def test_each_of_several_bad_values_is_named_by_itself() -> None:
    trip, problems = decode(Trip, {"hours": "999", "days": "0", "place": "sea"})
    assert trip == Trip()
    assert problems == [
        f"{name} was not used: {why}. The default is used instead."
        for name, why in (
            ("hours = '999'", "it must be at most 100"),
            ("days = '0'", "it must be at least 1"),
            ("place = 'sea'", "expected 'hill' or 'ravine'"),
        )
    ]


def test_a_decimal_comma_is_read_and_a_comma_that_can_be_two_things_is_not() -> None:
    assert decode(Voyage, {"start": "0,5_-1,25"})[0].start == (0.5, -1.25)
    voyage, problems = decode(Voyage, {"start": "1,250_0"})
    assert voyage == Voyage() and "expected a number" in problems[0]


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("calm", "yes", "expected 0 or 1"), ("calm", "", "expected 0 or 1"),
        ("floor", "1" * 13, "expected a whole number"), ("floor", "1.0", "expected a whole number"),
        ("start", "1", "expected 2 values joined by _"), ("start", "1e999_0", "the number is too large"),
        ("start", "nan_0", "expected a number"), ("start", "infinity_0", "expected a number"),
        ("start", "٣_0", "expected a number"), ("start", " 1_0", "expected a number"),
        ("start", "1" * 41 + "_0", "expected a number"), ("start", ".5._0", "expected a number"),
    ],
)  # fmt: skip
def test_only_what_the_grammar_has_is_read(field: str, text: str, said: str) -> None:
    voyage, problems = decode(Voyage, {field: text})
    assert voyage == Voyage() and len(problems) == 1 and said in problems[0]


def test_a_leg_s_last_key_without_a_value_is_left_out_and_named() -> None:
    trip, problems = decode(Trip, {"legs": "walk_pace_2_step-size"})
    assert trip.legs == (Walk(pace=2),)
    assert problems == ["'walk_pace_2_step-size' has no value after its last key, so this key was left out."]


@pytest.mark.parametrize("floor", [-3, 999_999_999_999, -999_999_999_999])
def test_whole_numbers_of_either_sign_come_back(floor: int) -> None:
    assert decode(Voyage, encode(Voyage(floor=floor))) == (Voyage(floor=floor), [])


def test_a_large_number_needs_no_escape() -> None:
    trip = Trip(start=(1e20, -1e-20))
    assert encode(trip) == {"start": "1e20_-1e-20"}
    assert decode(Trip, encode(trip)) == (trip, [])


def test_a_value_that_no_link_could_hold_is_not_read() -> None:
    values, problems = read((Voyage,), {"diary": "x" * (LONGEST_LINK + 1)})
    assert values == {} and len(problems) == 1 and "it has 1,901 characters, more than 1,900" in problems[0]
    assert read((Voyage,), {"diary": "x" * LONGEST_LINK}) == ({"diary": "x" * LONGEST_LINK}, [])


def test_only_so_many_parameters_are_looked_at() -> None:
    strangers = {f"stranger{number}": "1" for number in range(MOST_PARAMETERS)}
    assert decode(Trip, strangers | {"hours": "9"})[0] == Trip()
    del strangers["stranger0"]
    assert decode(Trip, strangers | {"hours": "9"})[0] == Trip(hours=9)


def test_a_value_is_read_by_the_first_class_that_has_its_field() -> None:
    assert read((Sprint, Trip), {"hours": "4", "days": "2"})[0] == {"days": 2}
    assert read((Trip, Sprint), {"hours": "4", "days": "2"})[0] == {"hours": 4, "days": 2}


def test_what_a_stranger_wrote_is_shown_in_short() -> None:
    _, problems = decode(Trip, {"x" * 41: "1", "place": "y" * 40})
    assert problems[0] == f"'{'x' * 39}…' is not a setting here and was left out."
    assert f"'{'y' * 40}'" in problems[1]


def test_a_bad_field_inside_a_leg_leaves_the_leg() -> None:
    trip, problems = decode(Trip, {"legs": "walk_pace_99_step-size_2~hop_speed_3~crawl"})
    assert trip.legs == (Walk(step_size=2), Hop())
    assert len(problems) == 3


def test_a_long_list_of_problems_is_cut_short() -> None:
    _, problems = decode(Trip, {"legs": "walk~" + "~".join("x" * 300)})
    assert len(problems) == 6 and problems[-1] == "And 295 more like these."
    _, problems = decode(Trip, {"legs": "walk~" + "~".join("x" * 6)})
    assert len(problems) == 6 and problems[-1] == "And 1 more like these."
    _, problems = decode(Trip, {"legs": "walk~" + "~".join("x" * 5)})
    assert len(problems) == 5 and all(problem.startswith("'x' is not known") for problem in problems)


def test_a_limit_on_the_whole_gives_up_one_field() -> None:
    trip, problems = decode(Trip, {"hours": "100", "days": "100", "place": "ravine"})
    assert (trip.hours, trip.days, trip.place) == (100, 1, "ravine")
    assert len(problems) == 1 and "1000" in problems[0]


def test_several_limits_give_up_what_does_not_fit_with_the_rest() -> None:
    tour, problems = decode(Tour, {"hours": "100", "days": "100", "place": "ravine", "guests": "3", "coaches": "4"})
    assert (tour.hours, tour.days, tour.place, tour.guests, tour.coaches) == (100, 1, "ravine", 3, 1)
    assert len(problems) == 1 and problems[0].startswith("days, coaches went back")


@given(some.text(max_size=2_000))
def test_a_spec_that_no_link_can_carry_is_refused(diary: str) -> None:
    if len(f"diary={quote_plus(diary)}") <= LONGEST_LINK:
        assert len(urlencode(encode(Voyage(diary=diary)))) <= LONGEST_LINK
    else:
        with pytest.raises(ValidationError, match="characters"):
            Voyage(diary=diary)


def test_the_longest_link_that_is_taken_has_as_many_characters_as_it_may() -> None:
    room = LONGEST_LINK - len("diary=")
    assert len(urlencode(encode(Voyage(diary="x" * room)))) == LONGEST_LINK
    with pytest.raises(ValidationError, match=r"a link of 1,901 characters, but a link has at most 1,900"):
        Voyage(diary="x" * (room + 1))


def test_settings_hold_six_digits_and_no_infinities() -> None:
    assert Walk(pace=1 / 3).pace == 0.333333
    for bad in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValidationError, match="finite number"):
            Trip(start=(bad, 0.0))


def test_a_default_out_of_bounds_is_refused_too() -> None:
    class Broken(Spec):
        hours: int = Field(0, ge=1)

    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        Broken()


def test_a_setting_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Trip(hour=3)  # type: ignore[call-arg]


def test_specs_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Trip().hours = 3  # type: ignore[misc]
