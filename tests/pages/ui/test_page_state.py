"""What a session remembers of a page: what a link opens, what a widget changes, and what is written back."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from pydantic import Field, model_validator

from engine.experiment import Experiment, Recipe
from engine.spec import Spec
from pages.ui.page_state import PageState, address, link_of, opened
from pages.ui.views import Page, View


class Leg(Spec):
    gait: Literal["leg"] = "leg"
    pace: int = Field(1, ge=1, le=9)


class WalkSpec(Spec):
    steps: int = Field(4, ge=1, le=9)
    hills: int = Field(1, ge=1, le=9)
    legs: tuple[Leg, ...] = (Leg(), Leg(pace=2))

    @model_validator(mode="after")
    def can_be_walked(self) -> "WalkSpec":
        if self.steps * self.hills > 20:
            raise ValueError("too far")
        return self


class Watched(WalkSpec):
    colour: str = "red"


class SwimSpec(Spec):
    steps: int = Field(4, ge=1, le=99)
    depth: int = Field(1, ge=0, le=10)


def experiment(kind: type[Spec]) -> Experiment[Any, Any]:
    return Experiment(
        name=f"here:{kind.__name__}", spec=kind, run=lambda spec: spec, seconds=lambda spec: 0.0,
        recipe=lambda spec: Recipe((), (), ""),
    )  # fmt: skip


WALK = View("walk", "Walk", experiment(WalkSpec), lambda state, result: None, settings=Watched)
SWIM = View("swim", "Swim", experiment(SwimSpec), lambda state, result: None)
PAGE = Page("out", "Out", (WALK, SWIM))


class Params(dict[str, str]):
    """The address bar's parameters: a dictionary with the methods that Streamlit adds."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, params: dict[str, str]) -> None:
        self.clear()
        self.update(params)


@dataclass
class Browser:
    """The parts of Streamlit that the page state uses: the address bar and the session's values."""

    query_params: Params = field(default_factory=Params)
    session_state: dict[str, Any] = field(default_factory=dict)

    def open(self, **link: str) -> PageState:
        """Run the script with ``link`` in the address bar."""
        self.query_params.from_dict(link)
        return PageState(PAGE)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    browser = Browser()
    monkeypatch.setattr("pages.ui.page_state.st", browser)
    return browser


def test_an_unknown_view_gives_the_first_one_and_names_those_there_are() -> None:
    memory = opened(PAGE, {"view": "fly", "steps": "5"})
    assert memory.view is WALK and memory.settings == Watched(steps=5)
    assert memory.problems == ["view = 'fly' was not used: expected one of walk, swim. The default is used instead."]


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"wings": "2"}, "'wings' is not a setting here and was left out."),
        ({"steps": "many"}, "steps = 'many' was not used: expected a whole number. The default is used instead."),
        ({"depth": "11"}, "depth = '11' was not used: it must be at most 10. The default is used instead."),
        ({"steps": "7", "hills": "3"}, "hills went back to its default: too far."),
    ],
)
def test_what_a_link_cannot_have_is_said(link: dict[str, str], said: str) -> None:
    assert opened(PAGE, link).problems == [said]


def test_a_field_that_two_views_have_keeps_the_bounds_of_the_one_shown() -> None:
    assert opened(PAGE, {"view": "swim", "steps": "50"}).settings == SwimSpec(steps=50)
    walk = opened(PAGE, {"steps": "50"})
    assert walk.settings == Watched() and len(walk.problems) == 1


def test_the_first_view_has_an_address_without_its_name() -> None:
    assert address(PAGE, opened(PAGE, {"steps": "5"})) == {"steps": "5"}
    assert address(PAGE, opened(PAGE, {"view": "walk"})) == {}
    assert address(PAGE, opened(PAGE, {"view": "swim", "depth": "3"})) == {"view": "swim", "depth": "3"}


def test_an_unknown_view_of_a_page_raises() -> None:
    with pytest.raises(KeyError):
        PAGE.view("fly")


def test_another_view_s_field_waits_until_that_view_is_shown(browser: Browser) -> None:
    page = browser.open(depth="3", steps="6")
    assert page.problems == [] and page.settings == Watched(steps=6)
    page.show("swim")
    assert page.view is SWIM and page.settings == SwimSpec(steps=6, depth=3) and page.problems == []


def test_a_view_shown_gives_up_what_it_cannot_have_and_says_so(browser: Browser) -> None:
    page = browser.open(view="swim", steps="50")
    page.change(("depth",), 99)
    page.show("walk")
    assert page.settings == Watched()
    assert page.problems == ["steps went back to its default: it must be at most 9."]
    assert page.draft(("depth",)) is None


def test_a_value_that_went_back_to_its_default_does_not_return(browser: Browser) -> None:
    page = browser.open(steps="9", hills="9")
    assert page.settings == Watched(steps=9, hills=1)
    page.change(("steps",), 2)
    page.show("swim")
    page.show("walk")
    assert page.settings == Watched(steps=2, hills=1)


def test_the_experiment_s_settings_leave_out_how_it_is_looked_at(browser: Browser) -> None:
    page = browser.open(colour="blue", steps="5")
    assert page.spec == WalkSpec(steps=5) and page.settings == Watched(steps=5, colour="blue")


def test_a_refused_value_is_kept_as_a_draft_and_shown_until_one_is_taken(browser: Browser) -> None:
    page = browser.open(wings="2")
    page.change(("steps",), 10)
    page.change(("hills",), 10)
    assert page.settings == Watched() and page.problems
    assert page.draft(("steps",)) == (10, "it must be at most 9")
    key = page.widget(("steps",), 4, "box")["key"]
    assert browser.session_state[key] == 10
    page.change(("steps",), 5)
    assert page.settings == Watched(steps=5) and page.problems == []
    assert page.draft(("steps",)) is None and page.draft(("hills",)) == (10, "it must be at most 9")
    page.widget(("steps",), 5, "box")
    assert browser.session_state[key] == 5


def test_a_setting_inside_a_tuple_is_changed_alone(browser: Browser) -> None:
    page = browser.open()
    page.change(("legs", 1, "pace"), 7)
    assert page.settings.legs == (Leg(), Leg(pace=7))
    page.change(("legs", 1, "pace"), 77)
    assert page.settings.legs == (Leg(), Leg(pace=7)) and page.draft(("legs", 1, "pace"))


@pytest.mark.parametrize("path", [("legs", 2, "pace"), ("wings", 0)])
def test_a_widget_of_what_is_gone_changes_nothing(browser: Browser, path: tuple[str | int, ...]) -> None:
    page = browser.open(steps="5")
    page.change(path, 3)
    assert page.settings == Watched(steps=5) and page.draft(path) is None


def test_a_typed_number_is_read_and_what_is_none_is_kept_as_typed(browser: Browser) -> None:
    page = browser.open(steps="5")
    page.enter(("steps",), "6,0", whole=True)
    assert page.settings == Watched(steps=6) and page.draft(("steps",)) is None
    for text, said in (("6,5", "not a whole number"), ("six", "not a number"), ("60", "at most 9")):
        page.enter(("steps",), text, whole=True)
        draft = page.draft(("steps",))
        assert draft is not None and draft[0] == text and said in draft[1]
        assert page.settings == Watched(steps=6)


def test_a_button_changes_all_of_its_fields_or_none(browser: Browser) -> None:
    page = browser.open()
    page.change(("steps",), 10)
    page.callback(lambda now: {"steps": 7, "hills": 3})()
    assert page.settings == Watched() and page.problems == ["Nothing was changed: too far."]
    page.callback(lambda now, hills: {"steps": now.steps + 1, "hills": hills})(2)
    assert page.settings == Watched(steps=5, hills=2)
    assert page.problems == [] and page.draft(("steps",)) is None


def test_a_preset_leaves_nothing_of_what_was_set(browser: Browser) -> None:
    page = browser.open(depth="3", steps="6", hills="2")
    page.start_from("", {"steps": 5})
    assert page.view is WALK and page.settings == Watched(steps=5)
    page.start_from("swim", {"steps": 9})
    assert page.view is SWIM and page.settings == SwimSpec(steps=9)


def test_a_changed_value_is_the_one_that_the_next_view_has(browser: Browser) -> None:
    page = browser.open(steps="6")
    page.change(("steps",), 7)
    page.show("swim")
    assert page.settings == SwimSpec(steps=7)


DIVE = View("dive", "Dive", experiment(SwimSpec), lambda state, result: None, opening={"depth": 5})
DEEP = Page("deep", "Deep", (WALK, DIVE))


def test_a_link_without_settings_shows_those_with_which_the_view_opens() -> None:
    links: tuple[tuple[dict[str, str], SwimSpec, dict[str, str]], ...] = (
        ({}, SwimSpec(depth=5), {}),
        ({"depth": "1"}, SwimSpec(), {"depth": "1"}),
        ({"steps": "9"}, SwimSpec(steps=9), {"steps": "9"}),
        ({"depth": "5", "steps": "4"}, SwimSpec(depth=5), {}),
    )
    for link, meant, kept in links:
        memory = opened(DEEP, {"view": "dive"} | link)
        assert memory.settings == meant and memory.problems == []
        assert address(DEEP, memory) == {"view": "dive"} | kept


def test_a_view_opens_so_until_a_setting_that_it_has_was_changed(browser: Browser) -> None:
    page = PageState(DEEP)
    page.change(("hills",), 2)  # the view "dive" has no such field
    page.show("dive")
    assert page.settings == SwimSpec(depth=5)
    page.show("walk")
    page.change(("steps",), 6)
    page.show("dive")
    assert page.settings == SwimSpec(steps=6)


def test_an_address_that_the_page_did_not_write_is_opened(browser: Browser) -> None:
    page = browser.open(steps="6")
    page.write_address()
    assert browser.open(steps="6").memory is page.memory
    assert browser.open(steps="7").settings == Watched(steps=7)


def test_the_run_that_answers_a_widget_is_no_navigation_and_the_next_may_be_one(browser: Browser) -> None:
    page = browser.open(steps="6")
    page.change(("steps",), 8)
    assert browser.open(steps="6").settings == Watched(steps=8)
    assert browser.open(steps="5").settings == Watched(steps=5)


def test_the_address_that_was_written_is_the_link_of_the_page(browser: Browser) -> None:
    assert link_of("out") == {}
    page = browser.open(steps="6", view="walk")
    page.change(("hills",), 2)
    page.write_address()
    assert browser.query_params == link_of("out") == {"steps": "6", "hills": "2"}
    assert browser.open(**link_of("out")).memory is page.memory


def test_a_part_of_the_page_that_ran_alone_leaves_the_next_address_a_navigation(browser: Browser) -> None:
    page = browser.open(steps="6")
    page.change(("steps",), 8)
    page.write_address()
    assert browser.open(steps="5").settings == Watched(steps=5)
