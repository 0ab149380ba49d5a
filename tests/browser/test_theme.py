"""The theme follows the visitor's system."""

import tomllib
from pathlib import Path

from tests.browser.conftest import InBothThemes, OpenPage

THEMES = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]


def test_a_page_wears_the_theme_that_the_visitor_prefers(open_page: OpenPage, in_both_themes: InBothThemes) -> None:
    page = open_page("/")
    for theme in in_both_themes(page):
        red, green, blue = bytes.fromhex(THEMES[theme]["backgroundColor"].removeprefix("#"))
        background = page.get_by_test_id("stApp").evaluate("node => getComputedStyle(node).backgroundColor")
        assert background == f"rgb({red}, {green}, {blue})"
