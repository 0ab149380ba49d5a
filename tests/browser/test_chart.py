"""The chart component of all pages: the changes that it survives, and the effects of a press, a zoom and a legend."""

from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from engine.spec import encode
from engine.surfaces import PRESETS
from tests.browser.conftest import OpenPage, Rerun
from tests.browser.reading import charts

MAP = "/surfaces?surface=booth&lanes=sgd_lr_0.001~adam_lr_0.1&steps=60"

HOLD = """() => {
  const draw = Plotly.react, released = new Promise((resolve) => (window.release = resolve));
  Plotly.react = async (...all) => { const drawn = await draw(...all); await released; return drawn; };
}"""
"""After this, no drawing ends before ``release()`` is called."""

INK = """() => {
  const { width, height } = document.querySelector(".lab-chart canvas");
  const pixels = document.querySelector(".lab-chart canvas").getContext("2d").getImageData(0, 0, width, height).data;
  return pixels.filter((value, index) => index % 4 === 3 && value > 0).length;
}"""
"""The number of painted pixels of the paths that a player draws."""

RANGE = "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range"

RANGES = """() => [...document.querySelectorAll(".js-plotly-plot")].map(({ layout }) => [
  layout.xaxis.range, layout.yaxis.range
])"""

SECOND_PLAYER = """async () => {
  const { labChart } = document.querySelectorAll(".lab-chart")[1];
  const figure = JSON.parse(labChart.source);
  figure.layout.meta.player = { group: "another", steps: 60 };
  await labChart.show({ figure: JSON.stringify(figure), height: 300, pick: false, waits: false, scale: 1 });
}"""
"""After this, the second chart has a player of its own, in a group of its own."""

STEPS = "() => [...document.querySelectorAll('.lab-chart')].slice(0, 2).map(({ labChart }) => labChart.overlay.step)"


def middle(page: Page) -> tuple[float, float]:
    """The middle of the first chart, in pixels of the page."""
    box = page.locator(".lab-plot").first.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_chart_that_changes_while_it_is_drawn_stays(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page("/residuals")
    before = charts(page)[0]
    page.evaluate(HOLD)
    for _ in range(2):
        with rerun(page):
            page.get_by_role("switch", name="Shortcuts").locator("xpath=ancestor::label").click()
    page.evaluate("release()")
    page.wait_for_function("Number(document.querySelector('.lab-chart').dataset.drawn) >= 3")
    assert charts(page)[0] == before


def test_a_path_leaves_by_the_legend(open_page: OpenPage) -> None:
    page = open_page(MAP)
    both = page.evaluate(INK)
    page.locator(".legendtoggle").nth(1).click()
    page.wait_for_function(f"({INK})() < {both}")
    page.locator(".legendtoggle").nth(1).click()
    page.wait_for_function(f"({INK})() === {both}")


def test_the_way_out_of_a_zoom_moves_no_start(open_page: OpenPage) -> None:
    page = open_page(MAP)
    home, address = page.evaluate(RANGE), page.url
    x, y = middle(page)
    page.mouse.move(x - 60, y - 60)
    page.mouse.down()
    page.mouse.move(x + 60, y + 60, steps=4)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.lab-chart').labChart.zoomed.size === 2")
    assert page.evaluate(RANGE) != home
    page.mouse.dblclick(x, y)
    page.wait_for_function(f"home => ({RANGE})().join() === home.join()", arg=home)
    page.evaluate("new Promise((resolve) => setTimeout(resolve, 600))")  # longer than the wait for a second press
    assert page.url == address


def test_a_press_in_a_zoom_still_moves_the_start(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(MAP)
    home = page.evaluate(RANGE)
    page.locator(".lab-plot").first.hover()
    page.get_by_role("button", name="Zoom in").first.click()
    page.wait_for_function(f"home => ({RANGE})().join() !== home.join()", arg=home)
    zoomed = page.evaluate(RANGE)
    with rerun(page):
        page.mouse.click(*middle(page))
    assert "start=" in page.url
    assert page.evaluate(RANGE) == zoomed


def test_a_zoom_outlives_the_sentence_of_a_preset(open_page: OpenPage, rerun: Rerun) -> None:
    preset = next(preset for preset in PRESETS if preset.title == "Saddle escape")
    page = open_page(f"/surfaces?{urlencode(encode(preset.spec))}")
    expect(page.get_by_role("radio", name="Saddle escape")).to_be_checked()
    home = page.evaluate(RANGE)
    page.locator(".lab-plot").first.hover()
    page.get_by_role("button", name="Zoom in").first.click()
    page.wait_for_function(
        "home => document.querySelector('.js-plotly-plot').layout.xaxis.range[0] !== home[0]", arg=home
    )
    zoomed = page.evaluate(RANGE)
    with rerun(page):
        page.get_by_role("slider", name="Learning rate").first.press("ArrowRight")
    expect(page.get_by_role("radio", name="Saddle escape")).not_to_be_checked()
    assert page.evaluate(RANGE) == zoomed


def test_only_the_main_button_moves_the_start(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(MAP)
    x, y = middle(page)
    page.mouse.click(x + 30, y, button="right")
    page.mouse.click(x + 30, y, button="middle")
    with rerun(page):
        page.mouse.click(x - 30, y)
    start = float(page.url.split("start=")[1].split("_")[0])
    assert start < sum(page.evaluate(RANGE)) / 2


def test_the_end_of_a_race_by_its_work_can_be_reached(open_page: OpenPage) -> None:
    page = open_page("/race?axis=gradients")
    whole = page.locator(".lab-step").first
    last = whole.inner_text().split(" of ")[1]
    scrubber = page.get_by_role("slider", name="Step", exact=True)
    scrubber.press("Home")
    scrubber.press("End")
    expect(whole).to_have_text(f"gradient {last} of {last}")


def test_a_chart_that_cannot_be_drawn_says_so_and_comes_back(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(MAP)
    before = charts(page)[0]
    page.evaluate("""() => {
      const draw = Plotly.react;
      console.error = () => {};
      Plotly.react = () => { Plotly.react = draw; throw new Error("No room to draw."); };
    }""")
    with rerun(page):
        page.get_by_role("slider", name="Learning rate").first.press("ArrowRight")
    expect(page.locator(".lab-error").first).to_have_text("No room to draw.")
    with rerun(page):
        page.get_by_role("slider", name="Learning rate").first.press("ArrowLeft")
    expect(page.locator(".lab-error").first).to_be_empty()
    assert charts(page)[0] == before


def test_a_zoom_outlives_the_looks_at_a_training(open_page: OpenPage) -> None:
    page = open_page("/residuals?view=training&depth=3&width=8&batch=16&steps=5000")
    page.get_by_role("button", name="Start this training").click()
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullData[0].y.length > 2")
    for number in range(2):
        page.locator(".lab-plot").nth(number).hover()
        page.get_by_role("button", name="Zoom in").nth(number).click()
    zoomed, seen = page.evaluate(RANGES), len(charts(page)[0][0]["y"])
    page.wait_for_function(f"document.querySelector('.js-plotly-plot')._fullData[0].y.length > {seen + 1}")
    assert page.evaluate(RANGES) == zoomed
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


def test_a_finger_on_a_chart_scrolls_the_page(open_page: OpenPage) -> None:
    page = open_page(MAP, width=390, height=844)
    assert page.evaluate("document.querySelector('.js-plotly-plot')._fullLayout.dragmode") == "zoom"
    page.add_init_script("""
      const asked = window.matchMedia;
      window.matchMedia = (query) => query === "(hover: none)" ? { matches: true } : asked.call(window, query);
    """)
    page.reload()
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullLayout?.dragmode === false")


def test_two_players_on_a_page_do_not_disturb_each_other(open_page: OpenPage) -> None:
    page = open_page(MAP)
    sliders = page.get_by_role("slider", name="Step", exact=True)
    sliders.first.press("Home")
    assert page.evaluate(STEPS) == [0, 0]
    page.evaluate(SECOND_PLAYER)
    sliders.nth(1).press("End")
    assert page.evaluate(STEPS) == [0, 60]
    sliders.first.press("ArrowRight")
    assert page.evaluate(STEPS) == [1, 60]
    expect(page.locator(".lab-step").nth(1)).to_have_text("step 60 of 60")
