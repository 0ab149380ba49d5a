"""A component's scripts are joined into one module, which Streamlit loads."""

import re
from pathlib import Path

import pytest

from pages.ui.assets import HERE, scripts

DEFINED = re.compile(r"^(?:export )?(?:async )?(?:class|function|const|let) (\w+)", re.MULTILINE)
COMPONENTS = sorted(path.stem for path in Path(HERE).glob("*.html"))


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_components_scripts_make_one_module(name: str) -> None:
    parts = scripts(name)
    joined = "\n".join(parts.values())
    assert list(parts)[-1] == name
    assert not re.search(r"^import\b", joined, re.MULTILINE)
    assert joined.count("export default") == 1
    names = DEFINED.findall(joined)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_script_stands_after_those_that_it_imports(name: str) -> None:
    order = list(scripts(name))
    for part in order:
        imported = re.findall(r'from "\./(\w+)\.js"', (HERE / f"{part}.js").read_text())
        assert all(order.index(other) < order.index(part) for other in imported)


def test_every_script_belongs_to_a_component() -> None:
    used = {part for name in COMPONENTS for part in scripts(name)}
    assert used == {path.stem for path in Path(HERE).glob("*.js")}
