"""The twins' scripts run without this package. They print the same tables as the screen shows, letter for letter."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.experiment import Experiment
from engine.export import script
from engine.residuals import experiments
from engine.residuals.spec import TextbookSpec, TrainingSpec
from engine.signals import StackSpec
from engine.spec import Spec
from engine.transformer import BlockSpec

torch.set_num_threads(1)

NETWORK = StackSpec(depth=6, width=8, batch=6, norm="post", block=2, scale="root", activation="elu", halvings=1)
TRAINED = TrainingSpec(depth=5, width=8, batch=6, steps=45, norm="batch", optimizer="momentum", warmup=7)
BLOCKS = BlockSpec(blocks=2, model_width=16, tokens=4, mlp_projection=False, layer_norm="post")


EXPERIMENTS: dict[str, tuple[Experiment[Any, Any], Spec]] = {
    "textbook": (experiments.TEXTBOOK, TextbookSpec()),
    "flow": (experiments.FLOW, NETWORK),
    "highway": (experiments.HIGHWAY, NETWORK),
    "shattering": (experiments.SHATTERING, NETWORK),
    "blocks": (experiments.BLOCKS, BLOCKS),
    "training": (experiments.TRAINING, TRAINED),
    "sweep": (experiments.SWEEP, TRAINED),
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_script_prints_the_table_on_screen(name: str, tmp_path: Path) -> None:
    experiment, spec = EXPERIMENTS[name]
    path = tmp_path / "experiment.py"
    path.write_text(script(experiment, spec), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == experiment.result(spec).table().to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_script_knows_nothing_of_this_package_and_defines_each_name_once(name: str) -> None:
    text = script(*EXPERIMENTS[name])
    assert not re.search(r"\bfrom engine\b|\bimport engine\b|pydantic", text)
    body = ast.parse(text).body
    defined = Counter(node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    assert set(defined.values()) == {1}
