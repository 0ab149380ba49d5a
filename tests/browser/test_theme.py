"""The theme follows the visitor's system."""

import tomllib
from pathlib import Path
from typing import Literal

import pytest

from tests.browser.conftest import OpenPage

THEMES = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_wears_the_theme_that_the_visitor_prefers(open_page: OpenPage, theme: Literal["light", "dark"]) -> None:
    page = open_page("/", theme=theme)
    red, green, blue = bytes.fromhex(THEMES[theme]["backgroundColor"].removeprefix("#"))
    background = page.get_by_test_id("stApp").evaluate("node => getComputedStyle(node).backgroundColor")
    assert background == f"rgb({red}, {green}, {blue})"
