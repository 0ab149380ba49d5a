"""Pages that run without a browser have no cookies, because AppTest does not support them."""

import pytest
from streamlit.runtime.context import ContextProxy


@pytest.fixture(autouse=True)
def no_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ContextProxy, "cookies", {})
