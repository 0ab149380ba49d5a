"""The numbers that a page shows, read back, and the controls of the surfaces page."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Locator, Page

from engine.surfaces import DescentSpec, descend
from pages.surfaces import PAGE
from pages.ui.page_state import opened

SMALL = "/surfaces?surface=booth&lanes=sgd_lr_0.001~adam_lr_0.1&steps=60"
"""An experiment that is quick to compute and to draw."""

PATHS = """() => Object.fromEntries(
  document.querySelector(".js-plotly-plot")._fullData
    .filter((trace) => trace.meta?.path)
    .map((trace) => [trace.name, [Array.from(trace.x), Array.from(trace.y)]])
)"""

CHARTS = """() => [...document.querySelectorAll(".js-plotly-plot")].map((plot) => plot._fullData.map(
  ({ type, name, x, y, z }) => ({ type, name, x: Array.from(x ?? []), y: Array.from(y ?? []),
                                  z: Array.from(z ?? [], (row) => row.length ? Array.from(row) : row) })
))"""

RING = """() => {
  const open = ({ marker, x }) => marker?.symbol === "circle-open" && x.length === 1;
  const { x, y } = document.querySelector(".js-plotly-plot")._fullData.findLast(open);
  return [x[0], y[0]];
}"""


def rate(page: Page) -> Locator:
    """The slider of the first optimizer's learning rate."""
    return page.get_by_role("slider", name="Learning rate").first


def question(page: Page) -> Locator:
    """What a preset or a teacher asks, and what comes after the answer."""
    return page.locator(".st-key-lab-question")


def play(page: Page) -> Locator:
    return page.locator(".lab-play").first


def address(page: Page) -> str:
    """The page's path and query."""
    parts = urlsplit(page.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def plot(page: Page, what: str) -> Any:
    """The entry ``what`` of the first chart's full layout in Plotly."""
    return page.evaluate(f"document.querySelector('.js-plotly-plot')._fullLayout.{what}")


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point in data coordinates of the first chart is on the screen, in pixels."""
    left, top = page.evaluate(
        """point => {
          const plot = document.querySelector(".js-plotly-plot");
          const { left, top } = plot.getBoundingClientRect();
          const { xaxis, yaxis } = plot._fullLayout;
          return [left + xaxis._offset + xaxis.d2p(point[0]), top + yaxis._offset + yaxis.d2p(point[1])];
        }""",
        [x, y],
    )
    return left, top


def ring(page: Page) -> list[float]:
    """The point where the first chart shows its start."""
    at: list[float] = page.evaluate(f"({RING})()")
    return at


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press at a point in data coordinates of the first chart, move to another, and wait until the ring is there."""
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    page.mouse.move(*place(page, *end), steps=5)
    page.wait_for_function(
        f"""point => {{
          const [x, y] = ({RING})();
          const {{ xaxis, yaxis }} = document.querySelector(".js-plotly-plot")._fullLayout;
          return Math.hypot(xaxis.d2p(x) - xaxis.d2p(point[0]), yaxis.d2p(y) - yaxis.d2p(point[1])) < 3;
        }}""",
        arg=list(end),
    )


def experiment(page: Page) -> DescentSpec:
    """The race in the address bar. Fails if the address has a problem."""
    memory = opened(PAGE, dict(parse_qsl(urlsplit(page.url).query)))
    assert not memory.problems
    return memory.settings.only(DescentSpec)


def paths(page: Page) -> dict[str, list[list[float]]]:
    """The path of each optimizer in the first chart: name -> [all x, all y]."""
    drawn: dict[str, list[list[float]]] = page.evaluate(PATHS)
    return drawn


def charts(page: Page) -> list[Any]:
    """Every number of every chart."""
    drawn: list[Any] = page.evaluate(CHARTS)
    return drawn


def assert_drawn(page: Page) -> None:
    """Assert that the drawn paths equal those that the engine computes for the address, to the last bit."""
    runs = descend(experiment(page)).runs
    assert paths(page) == {run.label: run.positions.T.tolist() for run in runs}


def reasons(page: Page) -> str:
    """The sentences that say how each run ended."""
    return page.locator(".lab-table tbody").inner_text()


def step(page: Page) -> int:
    """The player's step."""
    return int(page.get_by_role("slider", name="Step", exact=True).input_value())


def await_step_beyond(page: Page, seen: int) -> None:
    page.wait_for_function("seen => Number(document.querySelector('.lab-scrub').value) > seen", arg=seen)


def await_frames(page: Page, count: int = 30) -> None:
    """Let the browser paint ``count`` frames."""
    page.evaluate(
        """count => new Promise((resolve) => {
          const frame = () => (count-- > 0 ? requestAnimationFrame(frame) : resolve());
          frame();
        })""",
        count,
    )
