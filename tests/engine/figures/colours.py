"""How colours look: their contrast and their distance, also for people who are colour-blind."""

import tomllib
from pathlib import Path

import numpy as np

THEMES = {
    name: theme
    for name, theme in tomllib.loads((Path(__file__).parents[3] / ".streamlit/config.toml").read_text())[
        "theme"
    ].items()
    if isinstance(theme, dict)
}
"""The pages' colours in each theme: Streamlit's name -> colour."""

PAPERS = [theme[name] for theme in THEMES.values() for name in ("backgroundColor", "secondaryBackgroundColor")]
"""What dots, lines and texts stand on: the page and the sidebar of each theme."""


def linear(colour: str) -> np.ndarray:
    """sRGB "#rrggbb" as linear light, [3]."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours by WCAG 2."""
    bright, dark = sorted((float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


# Machado, Oliveira & Fernandes 2009, severity 1, on linear light.
VISION = {
    "normal": np.eye(3),
    "protan": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deutan": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritan": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip


def oklab(light: np.ndarray) -> np.ndarray:
    """Ottosson's perceptual coordinates (2020) of linear sRGB. A distance of 0.02 is just noticeable."""
    cones = np.array([
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ])  # fmt: skip
    opponents = np.array([
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ])  # fmt: skip
    coordinates: np.ndarray = opponents @ np.cbrt(cones @ np.clip(light, 0, 1))
    return coordinates
