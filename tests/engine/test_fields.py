"""What a field declares about itself: the bounds, the options and the help of its widget."""

from types import SimpleNamespace
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from engine.fields import Choice, Real, bounds, changes, choices, describe, six_digits, widget
from engine.spec import Spec
from engine.surfaces import DescentSpec

SHAPES = {"round": SimpleNamespace(label="Like a ball"), "flat": "Flat"}


class Body(Spec):
    size: Real = Field(1, ge=0.5, le=8, description="Across", json_schema_extra={"unit": "m", "draw": "log-slider"})
    weight: Real = Field(1, gt=0, lt=10, description="On a scale")
    warmth: Real = Field(30, gt=20)
    count: int = Field(3, ge=1, le=9, json_schema_extra={"link": "n"})
    free: Real = 0
    shape: Annotated[str, Choice(SHAPES, "shape")] = "flat"


FIELDS = Body.model_fields


@pytest.mark.parametrize(
    ("name", "ends"), [("size", (0.5, 8)), ("count", (1, 9)), ("free", (-1e6, 1e6)), ("warmth", (20 * (1 + 1e-6), 1e6))]
)
def test_a_widget_has_the_bounds_of_its_field(name: str, ends: tuple[float, float]) -> None:
    assert bounds(FIELDS[name]) == ends


def test_an_end_that_does_not_belong_is_not_offered() -> None:
    low, high = bounds(FIELDS["weight"])
    assert 0 < low < 1e-9 and 9.99 < high < 10
    assert Body(weight=low).weight == low and Body(weight=high).weight == high
    for end in (0, 10):
        with pytest.raises(ValidationError):
            Body(weight=end)


def test_a_field_that_asks_for_no_other_widget_is_a_box() -> None:
    assert {name: widget(FIELDS[name]) for name in FIELDS} == dict.fromkeys(FIELDS, "box") | {"size": "log-slider"}


def test_the_options_are_labelled_by_the_registry_or_read_off_the_keys() -> None:
    assert choices(FIELDS["shape"]) == {"round": "Like a ball", "flat": "Flat"}
    assert choices(FIELDS["size"]) == {}


def test_a_key_that_is_no_option_is_refused_with_those_there_are() -> None:
    assert Body(shape="round").shape == "round"
    with pytest.raises(ValidationError, match="the shape must be one of round, flat"):
        Body(shape="square")


def test_help_ends_with_the_unit() -> None:
    assert describe(FIELDS["size"]) == "Across Unit: m."
    assert describe(FIELDS["weight"]) == "On a scale"
    assert describe(FIELDS["free"]) == ""


@pytest.mark.parametrize(("value", "kept"), [(1 / 3, 0.333333), (2e6 / 3, 666667), (1e-9 / 7, 1.42857e-10), (0.5, 0.5)])
def test_a_setting_has_six_digits(value: float, kept: float) -> None:
    assert six_digits(value) == kept == Body(free=value).free


def test_changes_name_what_differs_with_both_values() -> None:
    before = DescentSpec(surface="booth", steps=100, noise=0.0)
    after = before.but(surface="beale", steps=200, noise=0.5, start=(1, 2))
    said = changes(DescentSpec.model_fields, dict(before), dict(after))
    assert said == ["Surface Booth → Beale", "Start", "Steps 100 → 200", "Gradient noise σ 0 → 0.5"]
    assert changes(DescentSpec.model_fields, dict(before), dict(before)) == []
