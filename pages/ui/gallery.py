"""Pictures of 28 x 28 pixels in rows: what each lane makes of the same images, moving with the page's player."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pages.ui.assets import component


@dataclass(frozen=True)
class Row:
    """One lane's pictures, by the player's place. colour, dash: of its curve, in Plotly's words. frames: [n, 28, 28].
    captions: what stands beside the name."""

    name: str
    colour: str
    dash: str
    frames: Mapping[float, NDArray[np.uint8]]
    captions: Mapping[float, str]


def gallery(originals: NDArray[np.uint8], rows: Sequence[Row], key: str, alt: str) -> None:
    """Show ``originals`` [n, 28, 28] and a row of pictures for each of ``rows`` below them.

    A frame stands from its place to the next one's; the last stands to the end. ``key`` is the gallery's identity
    across reruns. alt: what is seen, for those who do not see it.
    """
    data = {
        "alt": alt,
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
    """Bytes in a row, compressed: the browser unpacks them with its own ``DecompressionStream``."""
    return base64.b64encode(zlib.compress(b"".join(frame.tobytes() for frame in frames), 6)).decode()
