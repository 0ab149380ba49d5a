"""Races that ship with the project, and those worth running."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.race.result import Race, load

FOLDER = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class Recording:
    """A race that was run once and kept.

    title: on its button. look_for: a sentence or two on what to see. file: the pair's name in ``FOLDER``.
    """

    title: str
    look_for: str
    file: str

    @property
    def command(self) -> str:
        """What repeats it."""
        return self.race().command

    def race(self) -> Race:
        return _load(self.file)


@cache
def _load(file: str) -> Race:
    return load(FOLDER / file)


RECORDINGS = {
    "minutes": Recording(
        "Two minutes, recorded",
        "A small autoencoder on 10,000 digits. LocoProp's layers solve a little problem of their own on each batch: "
        "after an epoch they are where Adam needs many for. Watch the digits sharpen, then switch to seconds.",
        "minutes",
    ),
}
"""Recordings by their key in links; the first is what the page opens on."""
