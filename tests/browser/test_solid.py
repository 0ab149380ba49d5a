"""The relief in 3-D shows what the map shows: outlines, texts, ghosts, and runs that diverge."""

from playwright.sync_api import Page

from engine.surfaces import descend, moments
from tests.browser.conftest import OpenPage, Rerun
from tests.browser.reading import await_frames, experiment, paths, rate

SOLID = "/surfaces?view=solid&surface=booth&lanes=sgd_lr_0.01~adam_lr_0.1&steps=60"
ARRIVING = "/surfaces?view=solid&surface=booth&lanes=sgd_lr_0.05&steps=150"
DIVERGING = "/surfaces?view=solid&surface=himmelblau&start=0_-1&lanes=sgd_lr_0.05&steps=50"

MOVING = """(name) => document.querySelector(".js-plotly-plot")._fullData
  .filter((trace) => trace.type === "scatter3d" && (name === "ghost" ? trace.meta?.ghost
    : trace.meta?.moves && !trace.meta.path && !trace.meta.ghost))
  .map(({ x, y, z, name, line }) => ({ x: [...x], y: [...y], z: [...z], name, line }))"""

STRENGTH = """() => {
  const plot = document.querySelector(".js-plotly-plot"), { traces } = plot._fullLayout.scene._scene;
  return plot._fullData.filter(({ meta }) => meta?.ghost).map(({ uid }) => traces[uid].data.opacity); }"""
"""How strongly each ghost is drawn."""

INK = """() => {
  const canvas = document.querySelector(".lab-stage > canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.filter((value, index) => index % 4 === 3 && value > 0).length;
}"""
"""The number of painted pixels over the scene."""

COVERED = """() => {
  const { glplot } = document.querySelector(".js-plotly-plot")._fullLayout.scene._scene;
  const { width, height } = glplot.canvas;
  glplot.redraw();
  const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
  pen.drawImage(glplot.canvas, 0, 0);
  const pixels = pen.getImageData(0, 0, width, height).data;
  return pixels.filter((value, index) => index % 4 === 3 && value > 250).length / (width * height);
}"""
"""The share of the scene that something covers."""


def ink(page: Page) -> int:
    await_frames(page, 3)
    found: int = page.evaluate(INK)
    return found


def test_each_path_has_an_outline_just_below_it(open_page: OpenPage) -> None:
    page = open_page(SOLID)
    outlines = page.evaluate(MOVING, "outline")
    assert [outline["name"] for outline in outlines] == list(paths(page))
    for outline in outlines:
        assert [outline["x"], outline["y"]] == paths(page)[outline["name"]]
        assert outline["line"]["color"] in ("#ffffff", "rgb(255, 255, 255)")


def test_what_happens_is_written_from_its_step_on(open_page: OpenPage) -> None:
    page = open_page(ARRIVING)
    (happened,) = moments(descend(experiment(page)))
    (arrival,) = (moment.step for moment in happened if moment.text.startswith("arrives"))
    slider = page.get_by_role("slider", name="Step", exact=True)
    for there, painted in ((arrival - 1, False), (arrival, True)):
        slider.fill(str(there))
        assert bool(ink(page)) == painted


def test_the_run_before_a_change_stays_and_can_be_switched_off(open_page: OpenPage, rerun: Rerun) -> None:
    page = open_page(SOLID)
    before = paths(page)
    assert page.evaluate(MOVING, "ghost") == []
    with rerun(page):
        rate(page).press("ArrowRight")
    ghosts = page.evaluate(MOVING, "ghost")
    assert [[ghost["x"], ghost["y"]] for ghost in ghosts] == list(before.values())
    assert min(page.evaluate(STRENGTH)) > 0
    page.get_by_role("checkbox", name="Before").first.uncheck()
    page.wait_for_function(f"Math.max(...({STRENGTH})()) === 0")


def test_a_run_that_diverges_leaves_the_relief_in_sight(open_page: OpenPage) -> None:
    page = open_page(DIVERGING)
    (run,) = descend(experiment(page)).runs
    assert run.diverged and abs(run.positions[-1]).max() > 1e20
    assert page.evaluate(COVERED) > 0.15
