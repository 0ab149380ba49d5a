"""The address of the surfaces page: experiments are shared, left, found again and taken home by it."""

from pathlib import Path
from urllib.parse import urlencode

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from engine.export import script
from engine.surfaces import PRESETS
from engine.surfaces.experiments import DESCENT
from tests.browser.conftest import OpenPage, Rerun
from tests.browser.reading import (
    SMALL,
    address,
    assert_drawn,
    charts,
    experiment,
    paths,
    rate,
    reasons,
)


def test_a_link_shows_another_visitor_the_same_numbers(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    with rerun(page):
        rate(page).press("ArrowRight")
    with rerun(page):
        page.get_by_role("radio", name="Gradient").click()
    other = open_page(address(page), elsewhere=True)
    assert charts(other) == charts(page)
    assert reasons(other) == reasons(page)
    assert other.url == page.url


def test_back_and_forward_restore_experiments(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    seen = [(page.url, charts(page), reasons(page))]
    for key in ("ArrowRight", "ArrowRight"):
        with rerun(page):
            rate(page).press(key)
        seen.append((page.url, charts(page), reasons(page)))
    assert len({url for url, *_ in seen}) == 3
    for go, expected in [
        (page.go_back, seen[1]), (page.go_back, seen[0]), (page.go_forward, seen[1]), (page.go_forward, seen[2])
    ]:  # fmt: skip
        with rerun(page):
            go()
        assert (page.url, charts(page), reasons(page)) == expected


def test_the_menu_brings_back_the_experiment_that_was_left(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    with rerun(page):
        rate(page).press("ArrowRight")
    left = page.url, charts(page)
    with rerun(page):
        page.get_by_role("link", name="Gradient Lab").click()
    with rerun(page):
        page.get_by_role("link", name="Loss surfaces").first.click()
    assert (page.url, charts(page)) == left


def test_each_preset_draws_its_experiment_and_says_what_to_look_for(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SMALL)
    for preset in PRESETS:
        with rerun(page):
            page.get_by_role("radio", name=preset.title).or_(page.get_by_role("button", name=preset.title)).click()
        assert experiment(page) == preset.spec and preset.question
        expect(page.get_by_text(preset.question.ask)).to_be_visible()
        with rerun(page):
            page.get_by_role("button", name="Skip").click()
        expect(page.get_by_text(preset.look_for[:30])).to_be_visible()
        assert_drawn(page)


def test_an_own_formula_is_drawn_with_its_minimum(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces?surface=own&lanes=sgd_lr_0.05&steps=60")
    with rerun(page):
        page.get_by_role("textbox", name="f(x, y)").fill("(x - 1)^2 + 3*(y + 0.5)^2")
        page.keyboard.press("Enter")
    assert_drawn(page)
    minimum = next(trace for trace in charts(page)[0] if trace["name"] == "minimum")
    assert (minimum["x"], minimum["y"]) == (pytest.approx([1]), pytest.approx([-0.5]))


def test_a_formula_that_cannot_be_read_is_kept_and_explained(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces?surface=own&lanes=sgd_lr_0.05&steps=60")
    before = page.url, charts(page)
    box = page.get_by_role("textbox", name="f(x, y)")
    for formula, column in [
        ("x^2 + sin(", 11), ("__import__('os').system('ls')", 1), ("x.__class__", 2), ("x^2 + <b>y</b>", 7)
    ]:  # fmt: skip
        with rerun(page):
            box.fill(formula)
            box.press("Enter")
        expect(page.get_by_test_id("stAlert")).to_contain_text(f"(character {column})")
        assert box.input_value() == formula
        assert (page.url, charts(page)) == before


@pytest.mark.parametrize(
    ("params", "named"),
    [
        (
            {"steps": "1e9", "lanes": "x", "surface": "<script>alert(1)</script>", "formula": "__import__('os')"},
            ["steps", "lanes", "<script>alert(1)</script>", "__import__"],
        ),
        ({"lanes": "~".join(["lbfgs"] * 20), "steps": "2000", "start": "nan_1"}, ["start", "at most"]),
        ({"surface": "own", "formula": "exp(" * 70 + "x" + ")" * 70, "view": "\0", "a" * 300: "b"}, ["formula"]),
    ],
    ids=["nonsense", "costly", "deep"],
)
def test_a_hostile_link_gives_one_warning_and_a_page_that_works(
    open_page: OpenPage, rerun: Rerun, params: dict[str, str], named: list[str]
) -> None:
    page = open_page(f"/surfaces?{urlencode(params)}")
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_have_count(1)
    for name in named:
        expect(warning).to_contain_text(name)
    with rerun(page):
        rate(page).press("ArrowLeft")
    expect(warning).to_have_count(0)
    assert_drawn(page)


def test_what_is_taken_home_holds_the_numbers_on_screen(open_page: OpenPage, rerun: Rerun, tmp_path: Path) -> None:
    page = open_page(SMALL)
    with rerun(page):
        page.get_by_role("button", name="Take it home").click()
    expect(page.get_by_test_id("stCode")).to_contain_text(page.url)
    table = pd.read_csv(saved(page, "Data as CSV", tmp_path))
    drawn = {name: [list(run["x"]), list(run["y"])] for name, run in table.groupby("lane", sort=False)}
    assert drawn == paths(page)
    pd.testing.assert_frame_equal(pd.read_parquet(saved(page, "Data as Parquet", tmp_path)), table, check_exact=True)
    assert saved(page, "Script (Python)", tmp_path).read_text() == script(DESCENT, experiment(page))


def saved(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path
