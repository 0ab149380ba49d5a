"""The link codec: what is encoded comes back, and nothing that comes in can break or overload the machine."""

import math
from typing import Annotated, Literal
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import Field, ValidationError, model_validator

from engine.fields import Real, six_digits
from engine.spec import LONGEST_LINK, Spec, decode, encode


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
        ("legs", "crawl"), ("legs", "~".join(["walk"] * 5)), ("legs", ""),
    ],
)  # fmt: skip
def test_a_bad_value_takes_its_default_alone_and_is_named(field: str, text: str) -> None:
    trip, problems = decode(Trip, {field: text, "days": "3"})
    assert trip == Trip(days=3) or ((field, text) == ("legs", "") and trip == Trip(days=3, legs=()))
    assert bool(problems) == (trip == Trip(days=3))
    assert all(field in problem for problem in problems[-1:])


def test_a_bad_field_inside_a_leg_leaves_the_leg() -> None:
    trip, problems = decode(Trip, {"legs": "walk_pace_99_step-size_2~hop_speed_3~crawl"})
    assert trip.legs == (Walk(step_size=2), Hop())
    assert len(problems) == 3


def test_a_long_list_of_problems_is_cut_short() -> None:
    _, problems = decode(Trip, {"legs": "walk~" + "~".join("x" * 300)})
    assert len(problems) == 6 and problems[-1] == "And 295 more like these."


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


def test_settings_hold_six_digits_and_no_infinities() -> None:
    assert Walk(pace=1 / 3).pace == 0.333333
    for bad in (math.nan, math.inf):
        with pytest.raises(ValidationError):
            Walk(step_size=bad)


def test_specs_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Trip().hours = 3  # type: ignore[misc]
