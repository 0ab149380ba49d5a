"""A page run without a browser, and what its address bar holds."""

from streamlit.testing.v1 import AppTest


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
