"""The example of CONTRIBUTING.md works: built from the page as it is, it is a topic like the others."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES: dict[str, str] = dict(
    re.findall(
        r'^```(?:python|text) title="(.+?)"\n(.*?)^```',
        (ROOT / "CONTRIBUTING.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
)
LIST = "pages/ui/menu.py"

VISIT = """
from streamlit.testing.v1 import AppTest

page = AppTest.from_string("from pages import rates; rates.page()", default_timeout=60)
page.query_params["rate"] = "1.05"
page.run()
assert not page.exception and not page.warning, (page.exception, page.warning)
(pills,) = page.button_group
assert pills.value == "Beyond 2/λ"
assert "each step is worse" in page.markdown[0].value
names = [part.proto.component_name for part in page.get("bidi_component")]
assert names.count("gradient_lab.number") == 3, names
"""

SCRIPT = """
import sys
from engine.export import script
from engine.rates import SHRINKAGE, RateSpec

sys.stdout.write(script(SHRINKAGE, RateSpec(rate=0.4, steps=3)))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, to which the example's topic is added."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("engine", "pages", "scripts"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for name, text in FILES.items():
        if name == LIST:
            menu = (root / LIST).read_text()
            (root / LIST).write_text(menu.replace('\n)\n"""All pages', f'\n{text})\n"""All pages', 1))
            assert (root / LIST).read_text() != menu
        else:
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
    return root


def run(root: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_three_files_and_one_line_of_less_than_eighty_lines() -> None:
    assert len(FILES) == 4
    assert len(FILES[LIST].splitlines()) == 1
    assert sum(len(text.splitlines()) for text in FILES.values()) < 80


def test_it_keeps_to_style_and_layers(copy: Path) -> None:
    files = list(FILES)
    run(copy, sys.executable, "-m", "ruff", "check", *files)
    run(copy, sys.executable, "-m", "ruff", "format", "--check", *files)
    run(copy, str(Path(sys.executable).with_name("lint-imports")), "--no-cache")


def test_its_page_opens_and_its_script_prints_the_law(copy: Path) -> None:
    run(copy, sys.executable, "-c", VISIT)
    text = run(copy, sys.executable, "-c", SCRIPT)
    (copy / "experiment.py").write_text(text)
    printed = run(copy, sys.executable, "-I", "experiment.py").splitlines()
    assert printed[0] == "step,error"
    assert [float(line.split(",")[1]) for line in printed[1:]] == pytest.approx([1, 0.2, 0.04, 0.008])
