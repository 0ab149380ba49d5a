"""The home page shows a race in motion and leads to each topic."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from engine.surfaces import descend, first
from pages.home import RACE
from tests.browser.app import served, settled
from tests.browser.conftest import HAS_PLAYED, InBothThemes, OpenPage, Rerun, watch
from tests.browser.proxy import proxied
from tests.browser.reading import step


def test_a_race_is_in_motion_before_anything_is_clicked(open_page: OpenPage) -> None:
    page = open_page("/", motion=True)
    page.wait_for_function(HAS_PLAYED)


def test_the_answer_is_hidden_until_the_race_has_ended(open_page: OpenPage) -> None:
    page = open_page("/", motion=True)
    answer = page.locator(".st-key-lab-finding").get_by_text("reaches")
    expect(answer).to_be_hidden()
    page.get_by_role("slider", name="Step", exact=True).press("End")
    expect(answer).to_be_visible()
    page.get_by_role("slider", name="Step", exact=True).press("Home")
    expect(answer).to_be_visible()


def test_without_motion_the_race_waits_at_its_start_for_an_answer(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/")
    slider, answer = page.get_by_role("slider", name="Step", exact=True), page.locator(".st-key-lab-finding")
    assert step(page) == 0
    expect(answer.get_by_text("reaches")).to_be_hidden()
    slider.press("End")
    expect(answer.get_by_text("reaches")).to_be_visible()
    slider.press("Home")
    with rerun(page):
        page.get_by_role("button", name="RMSprop").or_(page.get_by_role("radio", name="RMSprop")).click()
    expect(answer).to_contain_text("You said RMSprop")
    assert step(page) == RACE.steps


def test_who_says_an_optimizer_learns_whether_it_was_the_first(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/", motion=True)
    (winner,) = first(descend(RACE))
    for label, said in ((winner, ", and so it was."), ("RMSprop", f". It was {winner}.")):
        with rerun(page):
            page.get_by_role("button", name=label, exact=True).or_(
                page.get_by_role("radio", name=label, exact=True)
            ).click()
        expect(page.locator(".st-key-lab-finding")).to_contain_text(f"You said {label}{said}")
        expect(page.locator(".st-key-lab-finding").get_by_text("reaches")).to_be_visible()
    with rerun(page):
        page.locator(".lab-plot").first.click(position={"x": 200, "y": 150})
    expect(page.get_by_text("You said")).to_have_count(0)


def test_a_card_leads_to_its_topic_and_the_menu_leads_home(open_page: OpenPage, settle: Callable[[Page], None]) -> None:
    page = open_page("/")
    page.get_by_test_id("stMain").get_by_role("link", name="Loss surfaces").last.click()
    page.wait_for_url("**/surfaces")
    expect(page.get_by_role("heading", name="How it ended")).to_be_visible()
    settle(page)
    page.get_by_role("link", name="Gradient Lab").click()
    expect(page.get_by_role("heading", name="Gradient Lab")).to_be_visible()
    settle(page)


def test_a_pasted_link_has_a_title_a_purpose_and_a_picture(open_page: OpenPage) -> None:
    page = open_page("/")
    text = page.request.get("/surfaces?surface=booth").text()
    assert "<title>Loss surfaces · Gradient Lab</title>" in text
    assert re.search('<meta name="description" content="Race optimizers down our surfaces[^"]*" />', text)
    picture = re.search('<meta property="og:image" content="(http[^"]*)" />', text)
    assert picture
    assert page.request.get(picture[1]).headers["content-type"] == "image/png"


def finds_everything(strangers: Browser, address: str) -> None:
    problems: list[str] = []
    with closing(strangers.new_page()) as page:
        watch(page, address, problems)
        page.goto(f"{address}/")
        settled(page)
        pictures = page.get_by_test_id("stMain").locator("img").all()
        assert pictures and all(picture.evaluate("image => image.naturalWidth") for picture in pictures)
        page.get_by_test_id("stMain").get_by_role("link", name="Loss surfaces").last.click()
        page.wait_for_url(f"{address}/surfaces")
        settled(page)
        expect(page.get_by_role("heading", name="How it ended")).to_be_visible()
        page.goto(f"{address}/residuals?view=textbook")
        settled(page)
        expect(page.locator(".lab-plot").first).to_be_visible()
    assert not problems, "\n".join(problems)


def test_behind_a_proxy_that_takes_away_a_path_everything_is_found(strangers: Browser, server: str) -> None:
    with proxied(server) as address:
        finds_everything(strangers, address)


def test_under_a_path_of_its_own_configuration_everything_is_found(strangers: Browser, tmp_path: Path) -> None:
    with served(tmp_path / "log.txt", "/lab") as app:
        finds_everything(strangers, app.address)


TRANSLATE = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT, (text) =>
        text.data.trim() && !text.parentElement.closest("svg, style, script") ? 1 : 2);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode);
    for (const text of found) {
        const font = document.createElement("font");
        font.textContent = text.data.toUpperCase();
        text.replaceWith(font);
    }
    return found.length;
}"""
"""What a translator in the browser does: each text is replaced by a <font> that holds another text."""


def test_a_translated_page_still_follows_its_controls(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/surfaces?steps=30")
    assert page.evaluate(TRANSLATE) > 50
    with rerun(page):
        page.locator("input[type=range][aria-label=Steps]").press("ArrowRight")
    page.wait_for_url(lambda address: "steps=" in address and "steps=30" not in address)
    expect(page.locator(".lab-plot").first).to_be_visible()


def test_the_drawing_library_is_asked_for_by_the_head_and_once(open_page: OpenPage) -> None:
    page = open_page("/surfaces")
    asked = page.evaluate("performance.getEntriesByType('resource').filter((each) => /plotly/.test(each.name)).length")
    assert asked == 1
    assert page.locator("head script#lab-plotly").count() == 1


def test_axe_finds_no_violation(
    open_page: OpenPage, in_both_themes: InBothThemes, axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    page = open_page("/")
    for _ in in_both_themes(page):
        assert axe(page) == []


def test_nothing_sticks_out_of_a_phone(open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("node => node.scrollWidth - node.clientWidth") == 0
    expect(page.locator(".lab-plot")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_menu_is_one_line_with_the_page_in_sight_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/race", width=320, height=700)
    links = page.locator(".st-key-menu a")
    assert len({box["y"] for link in links.all() if (box := link.bounding_box())}) == 1
    expect(page.locator(".st-key-here a")).to_be_in_viewport(ratio=0.8)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
