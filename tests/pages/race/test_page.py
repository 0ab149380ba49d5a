"""The race page without a browser: every link opens a page, and no race starts unless a visitor starts it."""

import math
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from engine.experiment import Preset
from engine.jobs import State, Status
from engine.race import RaceSpec
from engine.race.board import board
from engine.race.measures import AXES
from engine.race.recorded import RECORDINGS
from engine.spec import encode
from pages.race import PAGE
from pages.race.chooser import LOCOPROP_IN_SHORT, PRESETS
from pages.race.local import composed
from pages.race.own import fresh, task_of
from pages.race.race_view import columns
from pages.race.settings import LayersSettings, OwnRace, RaceSettings
from pages.ui.guide import slug
from pages.ui.page_state import opened
from tests.pages.pages import address, open_page, reached


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIENT_LAB_HOME", str(tmp_path_factory.getbasetemp() / "home"))


def words(page: AppTest) -> list[str]:
    """The texts of the page, without the marks of HTML and without backslashes."""
    return [re.sub(r"<.*?>|\\", "", text.value) for text in page.main.markdown]


def preset_of(title: str) -> Preset[Any]:
    return next(preset for preset in PRESETS if preset.title == title)


def test_it_opens_on_a_recorded_race_with_an_empty_address() -> None:
    page = open_page("race")
    assert not page.warning and not page.error
    assert address(page) == {}
    assert any("Recorded on" in caption.value for caption in page.caption)


@pytest.mark.parametrize("key", RECORDINGS)
def test_a_recorded_race_opens_by_its_link(key: str) -> None:
    page = open_page("race", show=key)
    assert not page.warning and not page.error
    assert RECORDINGS[key].look_for in words(page)


@pytest.mark.parametrize("key", RECORDINGS)
def test_a_verdict_on_each_axis_stands_below_the_text_on_what_to_see(key: str) -> None:
    texts = words(open_page("race", show=key))
    first = texts.index(RECORDINGS[key].look_for) + 1
    for text, axis in zip(texts[first : first + len(AXES)], AXES.values(), strict=True):
        about = rf":small\[(then .* )?after .* {axis.amount}\]"
        assert re.fullmatch(rf"{axis.by.capitalize()}: \*\*.*\d\*\*  \n{about}", text)


@pytest.mark.parametrize(("key", "right"), [("minutes", "Adam × 8, with eight updates a batch"), ("tanh", "K-FAC")])
def test_a_recording_asks_waits_and_compares_with_what_came(key: str, right: str) -> None:
    recording = RECORDINGS[key]
    lesson = {"show": key, "lesson": slug(preset_of(recording.title))}
    asking = open_page("race", **lesson)
    assert f"**Predict:** {recording.question.ask}" in words(asking)
    assert not any(text.startswith(("Per epoch", recording.look_for[:40])) for text in words(asking))
    playing = open_page("race", **lesson, said="0")
    assert any(text.endswith("Watch what happens, then compare.") for text in words(playing))
    assert not any(text.startswith("Per epoch") for text in words(playing))
    told = open_page("race", **lesson, said="0", told="1")
    wrong = recording.question.answers[0]
    assert f"You said **{wrong}**. It was **{right}**. {recording.look_for}" in words(told)
    assert any(text.startswith("Per epoch") for text in words(told))


def test_a_race_that_was_not_run_has_no_right_answer_yet() -> None:
    preset = preset_of("Benchmark, tanh")
    page = open_page("race", **encode(preset.spec), lesson=slug(preset), said="1", told="1")
    said = next(text for text in words(page) if text.startswith("You said"))
    assert "The answer comes here when the run has ended." in said and "It was" not in said


@pytest.mark.parametrize("view", [view.key for view in PAGE.views])
def test_each_view_says_above_its_picture_what_is_to_be_seen(view: str) -> None:
    race, _ = RECORDINGS["minutes"].replay()
    page = open_page("race", view=view)
    state = SimpleNamespace(settings=reached("race", page).settings)
    finding = PAGE.view(view).finding
    assert finding is not None and finding(state, race) in words(page)


def test_before_the_first_epoch_another_race_stands_faintly_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr("pages.race.race_view.chart", lambda figure, *_: drawn.append(figure))
    page = open_page("race", show="own")
    assert any(text.startswith("Shown faintly: “Recorded: two minutes”.") for text in words(page))
    race, _ = RECORDINGS["minutes"].replay()
    (figure,) = drawn
    assert [trace.name for trace in figure.data] == race.names
    assert all(trace.opacity < 0.5 and not trace.meta for trace in figure.data) and not figure.layout.meta["player"]
    page = open_page("race", show="tanh")
    next(button for button in page.button if button.label == "Copy these settings").click().run()
    assert any(text.startswith("Shown faintly: “Recorded: benchmark, tanh”.") for text in words(page))


@pytest.mark.parametrize(
    "preset", [preset for preset in PRESETS if isinstance(preset.spec, RaceSpec)], ids=lambda preset: preset.title
)
def test_a_preset_is_a_race_to_start_with_its_length_told(
    preset: Preset[RaceSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.Jobs.submit", None)  # a call would raise an exception
    page = open_page("race", **encode(preset.spec))
    assert preset.look_for in words(page)
    assert not page.warning
    settings = reached("race", page).settings
    assert isinstance(settings, RaceSettings)
    assert settings.show == "own" and settings.only(OwnRace) == preset.spec
    assert any(re.search(r"about \d+ (minutes|hours) on two CPU cores", caption.value) for caption in page.caption)
    assert [button.label for button in page.button if button.key == "go/race"] == ["Start this race"]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.dictionaries(some.sampled_from([*LayersSettings.model_fields, "view"]), some.text(min_size=1), max_size=4))
def test_any_link_gives_a_page_that_says_what_was_wrong(params: dict[str, str]) -> None:
    problems = opened(PAGE, params).problems
    page = open_page("race", **params)
    assert bool(page.warning) == bool(problems)


def test_cuda_where_there_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    page = open_page("race", show="own", device="cuda")
    assert "No CUDA device" in page.error[0].value


def test_a_cluster_of_others_may_have_the_gpu_that_this_machine_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("pages.race.own.outside", lambda: "tcp://elsewhere:8786")
    page = open_page("race", show="own", device="cuda")
    assert not page.error
    assert [button.label for button in page.button if button.key == "go/race"] == ["Start this race"]


def test_one_s_own_race_says_what_locoprop_is_where_it_takes_part() -> None:
    def told(**params: str) -> bool:
        return any(text.value == LOCOPROP_IN_SHORT for text in open_page("race", show="own", **params).markdown)

    assert told() and told(lanes="adam~locoprops") and not told(lanes="adam~kfac")


def test_taking_a_recording_s_settings_makes_it_one_s_own_race() -> None:
    page = open_page("race")
    next(button for button in page.button if button.label == "Copy these settings").click().run()
    assert address(page) == {"show": "own"}  # the recorded race has the default settings
    assert [button.label for button in page.button if button.key == "go/race"] == ["Start this race"]


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({}, "LocoProp-M as published"),
        ({"local_steps": "1", "inner": "sgd"}, "Back"),
        ({"composed": "squared", "inner": "exact", "regularizer": "1"}, "FOOF"),
        ({"inner": "adam"}, "with these settings"),
    ],
)
def test_a_composition_is_named(params: dict[str, str], named: str) -> None:
    page = open_page("race", view="losses", **params)
    assert any(named in text.value for text in page.markdown)


@pytest.mark.parametrize(("loss", "told"), [("matching", "choose the squared loss"), ("squared", "above zero")])
def test_a_composition_without_a_solution_is_explained(loss: str, told: str) -> None:
    page = open_page("race", view="losses", inner="exact", composed=loss)
    assert told in page.info[0].value


def test_a_composition_that_races_already_is_not_added_again() -> None:
    page = open_page("race", view="losses")
    assert page.button(key="race/compose").disabled  # LocoProp-M as published is among the default lanes
    page = open_page("race", view="losses", local_steps="5")
    page.button(key="race/compose").click().run()
    settings = reached("race", page).settings
    assert isinstance(settings, RaceSettings) and settings.show == "own"
    assert settings.lanes == (*RaceSpec().lanes, composed(settings))


def test_one_s_own_race_has_the_first_seed_that_has_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: tuple[State, ...] = ("done", "failed", "running")
    states = {task_of(RaceSpec(device="cpu", seed=seed), "cpu").key: state for seed, state in enumerate(ends)}

    class Kept:
        def status(self, key: str) -> Status:
            return Status(key, states.get(key, "unknown"))

    monkeypatch.setattr("pages.race.own.jobs", Kept)
    assert fresh(RaceSpec(device="cpu")).seed == 2
    assert fresh(RaceSpec(device="cpu", seed=5)).seed == 5


def test_a_race_that_looked_into_no_layer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page("race", view="layers")
    assert not any("No layer data yet" in caption.value for caption in page.caption)
    race, about = RECORDINGS["minutes"].replay()
    blind = replace(race, layers=race.layers.iloc[:0])
    monkeypatch.setattr(type(RECORDINGS["minutes"]), "replay", lambda _: (blind, about))
    page = open_page("race", view="layers")
    assert any("No layer data yet" in caption.value for caption in page.caption)


def test_a_board_has_the_columns_that_hold_something() -> None:
    standing = board(RECORDINGS["minutes"].replay()[0])
    names = [column.name for column in columns(standing)]
    assert {"trained", "trained_epochs", "to_goal"} <= set(names) and "end" not in names
    assert "to_goal" not in [column.name for column in columns(replace(standing, goal=math.nan))]


@pytest.mark.parametrize(("clicked", "target"), [(99.0, "4"), (-99.0, "-4"), (1.5, "1.5")])
def test_a_click_beside_the_axis_moves_the_target_to_its_end(
    clicked: float, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def click(figure: Any, key: str, height: int, picked: Any = None) -> None:
        if picked:
            picked(clicked, 0.0)

    monkeypatch.setattr("pages.race.local.chart", click)
    assert address(open_page("race", view="losses"))["target"] == target
