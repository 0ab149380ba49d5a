"""What the app's chart component (``pages/ui/js``) reads beyond Plotly's own attributes.

A figure carries it in ``layout.meta``, a trace in its ``meta``. Any other viewer ignores both. The keys are explained
here and nowhere else; arrays may be lists or numpy arrays.

A player and what follows it form a group, named by an id. Two groups on one page do not disturb each other.
"""

from typing import Any, Generic, NotRequired, TypedDict, TypeVar

T = TypeVar("T")


class ByTheme(TypedDict, Generic[T]):
    """One value for each theme of the page."""

    light: T
    dark: T


class Player(TypedDict):
    """The buttons and the slider below a chart. They replay the traces whose ``meta.path`` is true.

    group: the id of the group that this player leads.
    steps: where it ends; it begins at 0.
    along: a step is a place on the x axis, which each path reaches in its own time. Default: a number of points.
    word: what a step is called. Default: "step".
    arrows: the player offers to show or hide the arrows at the heads of the paths. Default: no.
    """

    group: str
    steps: float
    along: NotRequired[bool]
    word: NotRequired[str]
    arrows: NotRequired[bool]


class Titles(TypedDict):
    """Titles of the x axis that change with the group's step.

    at: increasing steps. texts: one title for each; it stands from its step to the next one's.
    """

    at: Any
    texts: list[str]


class ChartMeta(TypedDict):
    """``layout.meta``.

    alt: what the chart shows, for those who cannot see it.
    name: the name of saved pictures, without an ending.
    player: the chart's player, if it has one. Such a chart leads the player's group.
    group: the id of the group that a chart without a player follows.
    titles: see ``Titles``.
    run: what is shown, as text. When it changes, the player starts again from 0, and the paths and curves from before
        stay faintly visible if the figure's ``uirevision`` is still the same.
    start: the point [x, y] that a click or the arrow keys move, if there is one. The last ring of the figure, a trace
        with the marker "circle-open" at one point, shows it and can be dragged.
    stride: how far an arrow key moves the start along x and y, five times as far with Shift. By default a fiftieth of
        the picture, and a tenth with Shift.
    """

    alt: str
    name: str
    player: Player | None
    group: str | None
    titles: Titles | None
    run: str
    start: NotRequired[list[float]]
    stride: NotRequired[list[float]]


class Moment(TypedDict):
    """A short text beside a path, at the point where something happens. It is shown from this step on."""

    step: int
    text: str


class Arrow(TypedDict):
    """An arrow at the head of a path. Arrows have one length on screen: they show directions only.

    column: the column of the trace's ``customdata`` that holds its x component; the y component is in the next one.
    dash: lengths of strokes and gaps in pixels; empty for a solid line.
    """

    column: int
    dash: list[int]


class TraceMeta(TypedDict, total=False):
    """A trace's ``meta``.

    path: the player replays this trace: it is drawn up to the player's step. Its points are steps. In a 3-D scene, an
        outline is drawn below it.
    arrows: arrows at the head of a path.
    tag: a short name at the head of a path.
    moments: texts beside a path.
    follow: a vertical cursor stands at the group's step. A curve is drawn in full colour up to the cursor.
    rows: the values of y, one row for each place of ``at``. The row shown is the last whose place is at or before the
        group's step, or at or before the point that the pointer is at in the leading chart.
    at: increasing steps, one for each row.
    colorscale: a colour scale for each theme.
    marker: a colour of the markers for each theme.
    """

    path: bool
    arrows: list[Arrow]
    tag: str
    moments: list[Moment]
    follow: bool
    rows: Any
    at: Any
    colorscale: ByTheme[list[list[float | str]]]
    marker: ByTheme[str]
