"""The code snippets of the documentation run without changes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SNIPPETS = [
    pytest.param(snippet, id=f"{name}-{number}")
    for name in ("README.md",)
    for number, snippet in enumerate(PYTHON.findall((ROOT / name).read_text()), 1)
]


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_runs(snippet: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippet], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
