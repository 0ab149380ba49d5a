"""Rows of pictures of 28 x 28 pixels: each lane's reconstructions of the same images, at the step of a player."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pages.ui.assets import component


@dataclass(frozen=True)
class Row:
    """The pictures of one lane.

    colour, dash: those of the lane's curve, in Plotly's names.
    frames: step of the player -> pictures [n, 28, 28].
    captions: step, as in ``frames`` -> the text beside the name.
    """

    name: str
    colour: str
    dash: str
    frames: Mapping[float, NDArray[np.uint8]]
    captions: Mapping[float, str]


def gallery(originals: NDArray[np.uint8], rows: Sequence[Row], key: str, alt: str, group: str) -> None:
    """Show ``originals`` [n, 28, 28] and a row of pictures for each of ``rows`` below them.

    A frame is shown from its own step to the step of the next frame. The last frame is shown to the end.

    key: identifies the gallery across reruns.
    alt: a description of the pictures, for a screen reader.
    group: the id of the players' group that the gallery follows, see ``engine.figures.meta``.
    """
    data = {
        "alt": alt,
        "group": group,
        "count": len(originals),
        "originals": _packed([originals]),
        "rows": [
            {
                "name": row.name,
                "colour": row.colour,
                "dash": row.dash,
                "steps": list(row.frames),
                "captions": [row.captions[step] for step in row.frames],
                "frames": _packed(list(row.frames.values())),
            }
            for row in rows
        ],
    }
    component("gallery")(key=key, data=data)


def _packed(frames: Sequence[NDArray[np.uint8]]) -> str:
    """The bytes of all frames, compressed. The browser unpacks them with ``DecompressionStream``."""
    return base64.b64encode(zlib.compress(b"".join(frame.tobytes() for frame in frames), 6)).decode()
