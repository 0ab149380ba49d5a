"""A page that runs without a browser, and the content of its address bar and of its settings."""

import json
from importlib import import_module

from streamlit.testing.v1 import AppTest

from pages.ui.page_state import Memory, opened
from pages.ui.views import Page


def open_page(name: str, **params: str) -> AppTest:
    """Open the page ``pages.NAME`` by a link. Fails if the page raises an exception."""
    page = AppTest.from_string(f"from pages import {name}\n{name}.page()", default_timeout=60)
    for key, value in params.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def numbers(page: AppTest) -> dict[str, str]:
    """The boxes for numbers on the page, in their order: label -> text."""
    boxes = [part.proto for part in page.get("bidi_component") if part.proto.component_name == "gradient_lab.number"]
    return {data["label"]: data["text"] for data in (json.loads(box.json) for box in boxes)}


def address(page: AppTest) -> dict[str, str]:
    return {name: text if isinstance(text, str) else text[0] for name, text in page.query_params.items()}


def page_of(name: str) -> Page:
    """The record of the topic's page ``pages.NAME``."""
    page: Page = import_module(f"pages.{name}").PAGE
    return page


def reached(name: str, page: AppTest) -> Memory:
    """What the present address opens, if it is used as a link. Fails if the link has a problem."""
    memory = opened(page_of(name), address(page))
    assert memory.problems == []
    return memory
