"""The script of the verdicts puts all claims to the test without this package."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

from engine.activations.claims import CLAIMS
from engine.activations.verdicts import VERDICTS, ClaimsSpec
from engine.export import script

SHORT = """
import runpy, sys
names = runpy.run_path(sys.argv[1], run_name="experiment")
for _, claim in names["CLAIMS"]:
    if type(claim.spec).__name__ == "SequenceSpec":
        claim.spec.__dict__.update(steps=10, seeds=2, width=3)
for claim, (verdict, numbers) in zip(names["CLAIMS"], names["decide"]().found, strict=True):
    sys.stdout.write(f"{verdict}: {numbers}\\n")
"""
"""Runs the script's claims, but with short trainings."""


def test_it_decides_every_claim(tmp_path: Path) -> None:
    text = script(VERDICTS, ClaimsSpec())
    path, runner = tmp_path / "experiment.py", tmp_path / "short.py"
    path.write_text(text, encoding="utf-8")
    runner.write_text(SHORT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(runner), str(path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    verdicts = [line.partition(": ")[0] for line in done.stdout.splitlines()]
    assert len(verdicts) == len(CLAIMS)
    assert set(verdicts) <= {"holds", "holds if", "does not hold", "undecided"}
    defined = Counter(node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    assert set(defined.values()) == {1}
