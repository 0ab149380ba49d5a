"""In front of a class: presets ask, play and explain, and the keyboard is enough."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from engine.surfaces import PRESETS, descend, finding
from pages.ui.guide import read_mark, write_question
from tests.browser.conftest import OpenPage, Rerun
from tests.browser.reading import await_step_beyond, question, step

PRESET = next(preset for preset in PRESETS if preset.title == "Saddle escape")
assert PRESET.question is not None
ASK, ANSWERS = PRESET.question.ask, PRESET.question.answers
RIGHT = PRESET.question.right(descend(PRESET.spec))

MARKED = next(preset for preset in PRESETS if preset.question and preset.question.beside)
"""The preset whose question asks for a mark on the map."""

YOURS = """() => document.querySelector(".js-plotly-plot")._fullData
  .filter((trace) => trace.name === "your mark").map((trace) => [trace.x[0], trace.y[0]])"""


def choose(page: Page, title: str) -> None:
    page.get_by_role("button", name=title).or_(page.get_by_role("radio", name=title)).click()


def test_a_preset_chosen_after_a_finished_run_plays_from_its_first_step(open_page: OpenPage) -> None:
    page = open_page("/surfaces?surface=booth&steps=20&lanes=sgd_lr_0.05", motion=True)
    page.locator(".lab-scrub").first.press("End")
    choose(page, PRESET.title)
    question(page).get_by_role("button", name="Skip").click()
    page.wait_for_function("document.querySelector('.lab-chart').dataset.playing === 'true'")
    assert step(page) < 60
    await_step_beyond(page, step(page))


@pytest.mark.parametrize("path", ["/surfaces", "/surfaces?surface=mccormick", "/"])
def test_the_axes_of_a_map_are_equal(open_page: OpenPage, path: str) -> None:
    page = open_page(path, width=1400)
    for width in (1400, 900):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            "() => { const { plot } = document.querySelector('.lab-chart').labChart;"
            " const { width, xaxis, yaxis } = plot._fullLayout;"
            " return Math.abs(width - plot.clientWidth) < 1 && Math.abs(xaxis._m / yaxis._m + 1) < 0.01; }"
        )


def test_the_menu_stays_when_the_sidebar_is_closed(open_page: OpenPage, settle: Callable[[Page], None]) -> None:
    page = open_page("/surfaces")
    page.evaluate("document.querySelector('[data-testid=stSidebarCollapseButton] button').click()")
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    page.reload()
    settle(page)
    page.locator(".st-key-menu").get_by_role("link", name="Residuals").click()
    page.wait_for_url("**/residuals")
    settle(page)


def test_the_keyboard_reaches_the_player_steps_plays_and_moves_the_start(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces?surface=booth&steps=20&lanes=sgd_lr_0.05")
    page.get_by_role("radio", name="Map").focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('lab-play')"):
            break
    else:
        pytest.fail("Six Tabs do not reach the player.")
    page.keyboard.press("Home")
    assert step(page) == 0
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert step(page) == 1
    page.keyboard.press("Space")
    await_step_beyond(page, 1)
    page.locator(".lab-plot").first.focus()
    with rerun(page):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
    assert "start=" in page.url


def act(page: Page, button: Locator, way: str) -> None:
    if way == "mouse":
        button.click()
    elif way == "touch":
        button.tap()
    else:
        button.focus()
        page.keyboard.press("Enter")


@pytest.mark.parametrize("way", ["mouse", "keyboard", "touch"])
def test_predict_play_explain(server: str, strangers: Browser, settle: Callable[[Page], None], way: str) -> None:
    with strangers.new_context(base_url=server, has_touch=True, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto("/surfaces?surface=booth&steps=20&lanes=sgd_lr_0.05")
        settle(page)
        act(page, page.get_by_role("button", name=PRESET.title).or_(page.get_by_role("radio", name=PRESET.title)), way)
        expect(question(page)).to_contain_text(ASK)
        settle(page)
        assert page.locator(".lab-scrub").first.evaluate("slider => slider.value") == "0"
        expect(page.get_by_role("heading", name="How it ended")).to_have_count(0)
        wrong = (RIGHT + 1) % len(ANSWERS)
        act(page, question(page).get_by_role("button", name=ANSWERS[wrong], exact=True), way)
        expect(question(page)).to_contain_text(f"You said {ANSWERS[wrong]}. Watch")
        settle(page)
        assert step(page) == PRESET.spec.steps
        said = page.locator(".st-key-lab-finding")
        expect(said.get_by_text("steps")).to_have_count(0)
        act(page, question(page).get_by_role("button", name="Compare"), way)
        expect(question(page)).to_contain_text(f"You said {ANSWERS[wrong]}. It was {ANSWERS[RIGHT]}.")
        expect(said).to_contain_text(finding(descend(PRESET.spec)))
        expect(question(page)).to_contain_text(PRESET.look_for[:40])
        shared = page.url
        page.goto("/")
        page.goto(shared)
        expect(question(page)).to_contain_text(f"It was {ANSWERS[RIGHT]}.")


@pytest.mark.parametrize("way", ["mouse", "keyboard", "touch"])
def test_a_mark_on_the_map_is_a_prediction(
    server: str, strangers: Browser, settle: Callable[[Page], None], way: str
) -> None:
    with strangers.new_context(base_url=server, has_touch=True, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto("/surfaces?surface=booth&steps=20&lanes=sgd_lr_0.05")
        settle(page)
        act(page, page.get_by_role("button", name=MARKED.title).or_(page.get_by_role("radio", name=MARKED.title)), way)
        assert MARKED.question and MARKED.question.beside
        expect(question(page)).to_contain_text(MARKED.question.ask)
        settle(page)
        plot, place = page.locator(".lab-plot").first, {"x": 200.0, "y": 150.0}
        if way == "keyboard":
            plot.focus()
            for key in ("Shift+ArrowRight", "ArrowDown", "Enter"):
                page.keyboard.press(key)
        elif way == "mouse":
            plot.click(position=place)  # type: ignore[arg-type]
        else:
            plot.tap(position=place)  # type: ignore[arg-type]
        expect(question(page)).to_contain_text("Your mark is set.")
        settle(page)
        mark = read_mark(parse_qs(urlsplit(page.url).query)["said"][0])
        assert mark and page.evaluate(YOURS) == [list(mark)]
        act(page, question(page).get_by_role("button", name="Compare"), way)
        expect(question(page)).to_contain_text(MARKED.question.beside(descend(MARKED.spec), mark))
        shared = page.url
        page.goto("/")
        page.goto(shared)
        expect(question(page)).to_contain_text(MARKED.question.beside(descend(MARKED.spec), mark))
        settle(page)
        assert page.evaluate(YOURS) == [list(mark)]


def test_a_mark_can_be_skipped_and_then_a_press_moves_the_start_again(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces")
    with rerun(page):
        choose(page, MARKED.title)
    page.locator(".lab-plot").first.press("ArrowRight")
    assert page.evaluate("Boolean(document.querySelector('.lab-chart').labChart.overlay.aim)")
    with rerun(page):
        question(page).get_by_role("button", name="Skip").click()
    expect(page.locator(".st-key-lab-finding")).to_contain_text(finding(descend(MARKED.spec))[:20])
    assert not page.evaluate("Boolean(document.querySelector('.lab-chart').labChart.overlay.aim)")
    with rerun(page):
        page.locator(".lab-plot").first.click(position={"x": 200, "y": 150})
    assert "said=skip" in page.url and page.evaluate(YOURS) == []
    assert parse_qs(urlsplit(page.url).query)["start"] != ["-2.4_2.2"]


def test_a_lesson_stays_while_settings_change_and_can_be_reset(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces")
    with rerun(page):
        choose(page, PRESET.title)
    with rerun(page):
        question(page).get_by_role("button", name="Skip").click()
    whole = page.url
    page.get_by_role("button", name="Start, stopping, noise").or_(
        page.get_by_text("Start, stopping, noise")
    ).first.click()
    box = page.get_by_role("textbox", name="Gradient noise σ", exact=True)
    box.fill("0.5")
    with rerun(page):
        box.press("Enter")
    expect(page.get_by_text("Changed: Gradient noise σ 0 → 0.5.")).to_be_visible()
    expect(page.get_by_text(PRESET.look_for[:40])).to_be_visible()
    expect(page.locator(".lab-before").first).to_be_visible()  # the run before the change stands behind the new one
    with rerun(page):
        page.get_by_role("button", name="Reset", exact=True).click()
    assert page.url == whole


def test_a_teachers_question_comes_with_the_link(open_page: OpenPage, rerun: Rerun) -> None:
    text = write_question("Does SGD <b>arrive</b>?", ["Yes", "No"], 0, "It is stable here.")
    page = open_page("/surfaces?" + urlencode({"ask": text, "surface": "booth", "lanes": "sgd_lr_0.05"}))
    expect(question(page)).to_contain_text("Does SGD <b>arrive</b>?")
    with rerun(page):
        question(page).get_by_role("button", name="No").click()
    with rerun(page):
        question(page).get_by_role("button", name="Compare").click()
    expect(question(page)).to_contain_text("You said No. It was Yes. It is stable here.")


def test_a_name_in_the_text_lights_up_its_path(open_page: OpenPage) -> None:
    page = open_page("/surfaces")
    page.locator(".st-key-lab-finding .lab-called", has_text="Adam").hover()
    page.wait_for_function("document.querySelector('.lab-chart').labChart.overlay.group.glow === 'Adam'")
    page.get_by_role("heading", name="Loss surfaces").hover()
    page.wait_for_function("!document.querySelector('.lab-chart').labChart.overlay.group.glow")


def test_map_and_relief_share_step_speed_and_arrows(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces?surface=booth&steps=20&lanes=sgd_lr_0.05")
    slider = page.get_by_role("slider", name="Step", exact=True)
    slider.press("Home")
    slider.press("ArrowRight")
    page.locator(".lab-speed").first.select_option("2")
    page.locator(".lab-arrows input").first.uncheck()
    for view in ("3-D", "Map"):
        with rerun(page):
            page.get_by_role("radio", name=view).click()
        assert step(page) == 1
        assert page.locator(".lab-speed").first.input_value() == "2"
    expect(page.locator(".lab-arrows input").first).not_to_be_checked()


INK = """() => {
  const canvas = [...document.querySelectorAll(".lab-stage > canvas")][1];
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.filter((value, index) => index % 4 === 3 && value > 200).length;
}"""
"""The number of pixels that the player has painted over the curves."""


def test_curves_grow_with_the_player(open_page: OpenPage) -> None:
    page = open_page("/surfaces?surface=booth&steps=20&lanes=sgd_lr_0.05")
    slider = page.get_by_role("slider", name="Step", exact=True)
    ink = []
    for key in ("Home", "PageUp", "End"):
        slider.press(key)
        ink.append(page.evaluate(INK))
    assert ink[0] < ink[1] < ink[2]


def test_the_number_of_a_step_in_the_text_shows_that_step(open_page: OpenPage) -> None:
    page = open_page("/surfaces")
    number = page.locator(".st-key-lab-finding [data-step]").first
    drawn = "[...document.querySelectorAll('.lab-chart')].map((chart) => chart.labChart.overlay.group.drawn)"
    number.hover()
    page.wait_for_function(f"{drawn}.every((step) => step === {number.inner_text()})")
    page.get_by_role("heading", name="Loss surfaces").hover()
    page.wait_for_function(f"{drawn}.every((step) => step === {step(page)})")
