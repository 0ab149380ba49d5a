"""Texts are legible in both themes, also the captions, which the pages' style fades."""

import re

import pytest

from pages.ui.assets import HERE
from tests.engine.figures.colours import PAPERS, THEMES, contrast

STYLE = (HERE / "page.css").read_text()
PAGES = [(theme, theme[name]) for theme in THEMES.values() for name in ("backgroundColor", "secondaryBackgroundColor")]


def faded(colour: str, opacity: float, paper: str) -> str:
    """A colour with an opacity on a paper, as the screen shows it."""
    over, under = bytes.fromhex(colour[1:]), bytes.fromhex(paper[1:])
    return "#" + bytes(round(opacity * one + (1 - opacity) * two) for one, two in zip(over, under, strict=True)).hex()


@pytest.mark.parametrize(("theme", "paper"), PAGES, ids=PAPERS)
@pytest.mark.parametrize("kind", ["textColor", "linkColor", "primaryColor"])
def test_texts_are_legible(theme: dict[str, str], paper: str, kind: str) -> None:
    assert contrast(theme[kind], paper) >= 4.5


@pytest.mark.parametrize(("theme", "paper"), PAGES, ids=PAPERS)
@pytest.mark.parametrize("kind", ["textColor", "linkColor"])
def test_captions_are_legible(theme: dict[str, str], paper: str, kind: str) -> None:
    (opacity,) = re.findall(r"stCaptionContainer.*opacity: ([\d.]+)", STYLE)
    assert contrast(faded(theme[kind], float(opacity), paper), paper) >= 4.5


def test_primary_buttons_are_legible() -> None:
    fills = re.findall(r'kind="primary"].*background: (#\w{6})', STYLE)
    assert len(fills) == 2  # at rest and under the pointer
    assert all(contrast(fill, "#ffffff") >= 4.5 for fill in fills)


FADED = {
    (sheet.name, share)
    for sheet in HERE.glob("*.css")
    for share in map(float, re.findall(r"opacity: (0\.\d+)", sheet.read_text()))
    if share > 0.5  # what is fainter is no text: the marks of columns that could be sorted, a race that waits
}


@pytest.mark.parametrize(("theme", "paper"), PAGES, ids=PAPERS)
@pytest.mark.parametrize(("sheet", "share"), sorted(FADED))
def test_faded_texts_are_legible(theme: dict[str, str], paper: str, sheet: str, share: float) -> None:
    assert contrast(faded(theme["textColor"], share, paper), paper) >= 4.5, sheet
