"""Shared links stay valid: each shows the view, the experiment and the look that it was made for.

``shared_links.json`` contains links from the app's first version, of November 2026, with their meaning at that time.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from engine.export import script
from engine.spec import encode
from pages.ui.menu import ENTRIES
from pages.ui.page_state import address, opened
from tests.pages.pages import open_page, page_of

SHARED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "shared_links.json").read_text())


@pytest.mark.parametrize("shared", SHARED, ids=lambda shared: f"{shared['page']}?{shared['link'][:60]}")
def test_a_shared_link_shows_what_it_was_made_for(shared: dict[str, Any]) -> None:
    page = page_of(shared["page"])
    memory = opened(page, dict(parse_qsl(shared["link"])))
    assert memory.problems == []
    assert memory.view.key == shared["view"]
    settings = memory.settings.model_dump(mode="json")
    meant = shared["experiment"] | shared["look"]
    assert {name: settings[name] for name in meant} == meant
    again = opened(page, address(page, memory))
    assert (again.view, again.settings, again.problems) == (memory.view, memory.settings, [])


@pytest.mark.parametrize("name", [entry.address for entry in ENTRIES[1:]])
def test_every_preset_has_its_link(name: str) -> None:
    page = page_of(name)
    for preset in page.presets:
        key = preset.view or page.views[0].key
        memory = opened(page, {"view": key} | encode(preset.spec))
        assert memory.problems == [] and memory.view.key == key
        assert memory.settings.only(type(preset.spec)) == preset.spec


@pytest.mark.parametrize(
    ("name", "key"), [(entry.address, view.key) for entry in ENTRIES[1:] for view in page_of(entry.address).views]
)
def test_every_view_of_the_menu_opens_and_its_experiment_leaves_as_a_program(name: str, key: str) -> None:
    open_page(name, view=key)
    memory = opened(page_of(name), {"view": key})
    text = script(memory.view.experiment, memory.settings.only(memory.view.experiment.spec))
    compile(text, name, "exec")
    assert "\n\n\n\n" not in text, "empty blocks"
