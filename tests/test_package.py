"""``pip install .`` installs the engine with its types and its recordings, and no part of the app."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_the_engine_its_types_and_its_recordings(tmp_path: Path) -> None:
    source = tmp_path / "source"  # a copy, because setuptools leaves files in the folder where it builds
    shutil.copytree(ROOT / "engine", source / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(tmp_path), str(source)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as packed:
        files = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert "engine/py.typed" in files
    assert files == {path.relative_to(source).as_posix() for path in (source / "engine").rglob("*") if path.is_file()}
