"""The view of networks that learn signals: each claim about them opens from its recording."""

import re
from typing import Any

import pytest

from engine.activations.sequence_claims import SEQUENCE_CLAIMS
from engine.experiment import Claim
from engine.spec import encode
from tests.pages.pages import open_page, reached


@pytest.mark.parametrize(("view", "claim"), SEQUENCE_CLAIMS, ids=lambda part: getattr(part, "sentence", part))
def test_a_claim_opens_its_recorded_training_and_starts_nothing(
    view: str, claim: Claim[Any, Any], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("GRADIENT_LAB_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.setattr("engine.jobs.Jobs.submit", None)  # a call would raise an exception
    page = open_page("activations", view=view, **encode(claim.spec))
    assert not page.warning and not page.error
    assert reached("activations", page).settings.only(type(claim.spec)) == claim.spec
    assert any("Recorded with torch" in caption.value for caption in page.caption)
    words = [re.sub(r"<.*?>", "", text.value) for text in page.markdown]
    assert any(text.startswith(f"After {claim.spec.steps:,} steps") for text in words)
