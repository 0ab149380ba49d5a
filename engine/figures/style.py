"""Shared parts of all figures. The viewer's theme sets the colours of text, grid and background."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.figures.meta import ByTheme, ChartMeta, Player, Titles

Array = NDArray[np.float64]

FONT = 13
"""The size of the figures' text, in pixels."""

DASHES = ("solid", "dash", "dot", "dashdot")
"""The lines of the first, second, third and fourth lane of one optimizer. Their colours differ too: see ``colours``."""

WAITING = 3
"""The decades above and below the start of a curve that an axis shows before the curve may be seen."""

RELIEF: ByTheme[list[list[float | str]]] = {
    "light": [[0.0, "#9db8d9"], [0.35, "#c9d8ea"], [0.7, "#e6edf5"], [1.0, "#fafcfe"]],
    "dark": [[0.0, "#27507f"], [0.35, "#1c3a5c"], [0.7, "#152941"], [1.0, "#0f1b2b"]],
}
"""Colours of height on a surface: low places are saturated, high places fade into the page."""

SOLID: ByTheme[list[list[float | str]]] = {
    "light": [[0.0, "#7f9fc8"], [0.5, "#bccfe6"], [1.0, "#eef3f9"]],
    "dark": [[0.0, "#16304f"], [0.5, "#2c5280"], [1.0, "#6d93bf"]],
}
"""Colours of height on a surface in 3-D. They leave room for light and shadow."""

MARK: ByTheme[str] = {"light": "#5f4700", "dark": "#ffd166"}
"""The colour of critical points and of the start: dark in the light theme, light in the dark theme."""


def layout(
    alt: str,
    name: str,
    player: Player | None = None,
    group: str | None = None,
    titles: Titles | None = None,
    run: str = "",
    start: list[float] | None = None,
    stride: list[float] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A figure's layout: tight margins, a legend above the plot, and ``ChartMeta`` from the named arguments.

    more: Plotly's attributes of the layout.
    """
    return {
        "meta": ChartMeta(alt=alt, name=name, player=player, group=group, titles=titles, run=run)
        | ({"start": start} if start else {})
        | ({"stride": stride} if stride else {}),
        "margin": {"l": 48, "r": 12, "t": 30, "b": 42},
        "legend": {"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": FONT}},
        "hovermode": "closest",
        "font": {"size": FONT},
        **more,
    }


def light(array: NDArray[Any]) -> NDArray[np.float32]:
    """A grid as float32. It looks the same and takes half the bytes."""
    with np.errstate(over="ignore"):
        return array.astype(np.float32)


def dashes(kinds: list[str]) -> list[str]:
    """A dash for each lane: solid for the first lane of its optimizer, then another dash for each further lane."""
    return [DASHES[kinds[:index].count(kind) % len(DASHES)] for index, kind in enumerate(kinds)]


def axis_of(title: str, **more: Any) -> dict[str, Any]:
    """An axis whose title never covers the ticks, even if they are long."""
    return {"title": {"text": title, "standoff": 6}, "automargin": True, "zeroline": False, **more}


def sizes_axis(title: str, *sizes: Array) -> dict[str, Any]:
    """A logarithmic axis that holds all finite, positive ``sizes``."""
    values = np.concatenate([each.ravel() for each in sizes] or [np.zeros(1)])
    held = values[np.isfinite(values) & (values > 0)]
    low, high = np.log10([held.min(), held.max()]) if len(held) else (-1.0, 1.0)
    margin = 0.06 * (high - low) + 0.1
    return axis_of(title, type="log", range=[float(low - margin), float(high + margin)], **log_ticks(low, high))


def waiting_axis(title: str, *starts: Array) -> dict[str, Any]:
    """A logarithmic axis for curves that wait at their ``starts``. It must not show how far they will go."""
    values = np.concatenate([each.ravel() for each in starts])
    reach = 10.0**WAITING
    return sizes_axis(title, values / reach, values * reach)


def log_ticks(low: float, high: float) -> dict[str, Any]:
    """The ticks of a logarithmic axis between two powers of ten.

    They are at powers of ten if the axis spans more than two decades, otherwise at 1, 2 and 5, or closer.
    """
    if high - low > 2:
        # Plotly writes powers of ten a quarter larger than other ticks.
        return {"dtick": float(np.ceil((high - low) / 7)), "exponentformat": "power", "tickfont": {"size": FONT / 1.25}}
    return {"tickformat": "~g"} | ({"dtick": "D2"} if high - low > 0.7 else {"nticks": 6})


def values_axis(title: str, *values: Array) -> dict[str, Any]:
    """A linear axis that holds all finite ``values``. Its zero is drawn as a line."""
    held = np.concatenate([each.ravel() for each in values] or [np.zeros(1)])
    held = held[np.isfinite(held)]
    low, high = (float(held.min()), float(held.max())) if len(held) else (0.0, 1.0)
    margin = 0.06 * (high - low) or 1.0
    return axis_of(title, zeroline=True, range=[low - margin, high + margin])


def count_axis(title: str, last: int, **more: Any) -> dict[str, Any]:
    """An axis of whole numbers up to ``last``, without ticks between them."""
    return axis_of(title, **({"dtick": 1} if last <= 12 else {}), **more)
