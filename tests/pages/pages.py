"""A page run without a browser, and what its address bar and its settings hold."""

from importlib import import_module

from streamlit.testing.v1 import AppTest

from pages.ui.page_state import Memory, opened
from pages.ui.views import Page


def open_page(name: str, **params: str) -> AppTest:
    """The page ``pages.NAME`` opened by a link; it raised nothing."""
    page = AppTest.from_string(f"from pages import {name}\n{name}.page()", default_timeout=60)
    for key, value in params.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def address(page: AppTest) -> dict[str, str]:
    return {name: text if isinstance(text, str) else text[0] for name, text in page.query_params.items()}


def page_of(name: str) -> Page:
    """The record of the topic's page ``pages.NAME``."""
    page: Page = import_module(f"pages.{name}").PAGE
    return page


def reached(name: str, page: AppTest) -> Memory:
    """What a link of what the address bar now holds opens; it must be readable without a problem."""
    memory = opened(page_of(name), address(page))
    assert memory.problems == []
    return memory
