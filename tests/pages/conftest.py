"""What every page run without a browser has: no cookies, which AppTest has no word for."""

import pytest
from streamlit.runtime.context import ContextProxy


@pytest.fixture(autouse=True)
def no_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ContextProxy, "cookies", {})
