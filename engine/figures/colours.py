"""The colours of the lanes of one race. Runs of one optimizer have tints of one colour, so that each can be followed.

Each colour serves both themes: its contrast is at least 3:1 on white and on almost black (WCAG 2). Only a narrow range
of lightness meets both conditions, so the tints of one colour differ in hue too.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.optimizers import Lane

BRIGHT, DARK = 0.262, 0.146
"""The ends of the band of luminances."""

TINTS = ((40, BRIGHT), (-40, DARK), (-40, BRIGHT), (40, DARK))
"""The turn of the hue in degrees and the luminance of an optimizer's second to fifth lane. Then they begin again with
the optimizer's own colour. Four dashes repeat too, so the first twenty lanes differ in colour or dash."""

LEAST_CHROMA = 0.1
"""A tint of a gray has at least this chroma. Without it, a turn of the hue is invisible."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""The weights of linear red, green and blue."""

# OKLab by B. Ottosson (2020): linear sRGB -> cones, and cube roots of cones -> lightness and two opponent colours.
CONES = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
OPPONENTS = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


def colours(lanes: Sequence[Lane]) -> list[str]:
    """A colour for each lane, "#rrggbb": the optimizer's for its first lane, then a tint for each further lane."""
    kinds = [lane.optimizer for lane in lanes]
    return [shade(lane.display.colour, kinds[:index].count(kinds[index])) for index, lane in enumerate(lanes)]


def shade(colour: str, number: int) -> str:
    """The colour of an optimizer's lane ``number``, counted from 0."""
    place = number % (len(TINTS) + 1)
    if not place:
        return colour
    turn, luminance = TINTS[place - 1]
    value = np.array(list(bytes.fromhex(colour[1:]))) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return _hex(_at(luminance, _turned(light, np.radians(turn))))


def _turned(light: NDArray[np.float64], turn: float) -> NDArray[np.float64]:
    """Linear ``light`` with its hue turned in OKLab, cut to what a screen can show."""
    lightness, red, yellow = OPPONENTS @ np.cbrt(CONES @ light)
    chroma, hue = max(np.hypot(red, yellow), LEAST_CHROMA), np.arctan2(yellow, red) + turn
    roots = np.linalg.solve(OPPONENTS, [lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
    return np.clip(np.linalg.solve(CONES, roots**3), 0, 1)


def _at(luminance: float, light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear ``light`` at this luminance: dimmed, or mixed with white."""
    now = LUMINANCE @ light
    return light * luminance / now if now > luminance else light + (1 - light) * (luminance - now) / (1 - now)


def _hex(light: NDArray[np.float64]) -> str:
    value = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + bytes(np.rint(255 * value).astype(np.uint8)).hex()
