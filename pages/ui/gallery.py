"""Pictures of 28 x 28 pixels in rows: what each lane makes of the same images, moving with the page's player."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

HERE = Path(__file__).parent / "js"


@cache
def _component() -> Any:
    return st.components.v2.component(
        "gradient_lab.gallery",
        html='<div class="lab-gallery" role="region" tabindex="0"></div>',
        css=(HERE / "gallery.css").read_text(),
        js=(HERE / "gallery.js").read_text(),
        isolate_styles=False,
    )


def gallery(
    originals: NDArray[np.uint8],
    rows: Sequence[tuple[str, str, Mapping[int, NDArray[np.uint8]]]],
    captions: Mapping[tuple[int, int], str],
    key: str,
    alt: str,
) -> None:
    """Show ``originals`` [n, 28, 28] and below them a row for each of ``rows``: name, colour, frames by step.

    captions: (row, step) -> what stands beside the name. A frame stays until the next one's step; the last does to the
    end. alt: what is seen, for those who do not see it.
    """
    data = {
        "alt": alt,
        "count": len(originals),
        "originals": _packed([originals]),
        "rows": [
            {
                "name": name,
                "colour": colour,
                "steps": list(frames),
                "captions": [captions[number, step] for step in frames],
                "frames": _packed(list(frames.values())),
            }
            for number, (name, colour, frames) in enumerate(rows)
        ],
    }
    _component()(key=key, data=data)


def _packed(frames: Sequence[NDArray[np.uint8]]) -> str:
    """Bytes in a row, compressed: the browser unpacks them with its own ``DecompressionStream``."""
    return base64.b64encode(zlib.compress(b"".join(frame.tobytes() for frame in frames), 6)).decode()
