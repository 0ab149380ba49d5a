"""Every page works in the system's Firefox, in the languages that write numbers in another way than English."""

import json
import shutil
import subprocess
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import torch

from engine.spec import decode
from engine.surfaces import DescentSpec
from tests.browser.app import ROOT, SETTLED, WAIT_MS

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")


@pytest.fixture(scope="module")
def seen(server: str, request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """What Firefox saw on each visit; see ``firefox.js``. The parameter is (locale, a half, a formula)."""
    locale, half, formula = request.param
    visits = [
        {"path": "/"},
        {"path": "/race"},
        {"path": "/residuals?depth=6&width=8", "name": "Weight scale", "text": half},
        {"path": "/surfaces?surface=own&formula=x%5E2%2By%5E2&steps=30", "name": "f(x, y)", "text": formula},
    ]
    assert FIREFOX
    done = subprocess.run(
        ["node", ROOT / "tests/browser/firefox.js", FIREFOX, server, locale],
        input=json.dumps({"settled": f"({SETTLED})()", "visits": visits}),
        capture_output=True, text=True, timeout=4 * WAIT_MS / 1000, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert {each["locale"] for each in found} == {locale}
    return found


@pytest.mark.skipif(not FIREFOX, reason="The system's packages have no Firefox.")
@pytest.mark.parametrize(
    "seen",
    [("de-DE", "0,5", "x²/2 + y²"), ("fa-IR", "۰٫۵", "۰٫۵*x^۲+y^۲"), ("zh-CN", "０．５", "０．５＊x^２＋y^２")],
    indirect=True,
    ids=["German", "Persian", "Chinese"],
)
def test_every_page_works_in_firefox_and_reads_numbers(seen: list[dict[str, Any]]) -> None:
    assert [each["errors"] for each in seen] == [[], [], [], []]
    assert all(each["charts"] for each in seen)
    residuals, surfaces = seen[2:]
    assert residuals["value"] == "0.5"
    assert ("gain", "0.5") in parse_qsl(urlsplit(residuals["address"]).query)
    spec, problems = decode(DescentSpec, dict(parse_qsl(urlsplit(surfaces["address"]).query)))
    assert not problems and spec.place()(torch.tensor([2.0, 3.0])).item() == 11
