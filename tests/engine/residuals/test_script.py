"""The twins' scripts run without this package and print the tables on screen, letter for letter."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.export import script
from engine.residuals import ResidualSpec, gradient_flow, highway, textbook
from engine.residuals import script as recipes
from engine.residuals.shattered import shattering
from engine.residuals.spec import BlockSpec, TrainingSpec
from engine.residuals.trained import Sweep, Training
from engine.residuals.training import sweep, train
from engine.residuals.transformer import block_flow
from engine.spec import Recipe

torch.set_num_threads(1)

NETWORK = ResidualSpec(depth=6, width=8, batch=6, norm="post", block=2, scale="root", activation="elu", halvings=1)
TRAINED = TrainingSpec(depth=5, width=8, batch=6, steps=45, norm="batch", optimizer="momentum", warmup=7)
BLOCKS = BlockSpec(blocks=2, model_width=16, tokens=4, mlp_projection=False, layer_norm="post")


def told(work: Any) -> list[Any]:
    return [item for item in work if isinstance(item, dict)]


EXPERIMENTS: dict[str, tuple[Callable[[], Recipe], Callable[[], Any]]] = {
    "textbook": (recipes.textbook_recipe, textbook),
    "flow": (partial(recipes.flow_recipe, NETWORK), partial(gradient_flow, NETWORK)),
    "highway": (partial(recipes.highway_recipe, NETWORK), partial(highway, NETWORK)),
    "shattering": (partial(recipes.shattering_recipe, NETWORK), partial(shattering, NETWORK)),
    "blocks": (partial(recipes.block_recipe, BLOCKS), partial(block_flow, BLOCKS)),
    "training": (partial(recipes.training_recipe, TRAINED), lambda: Training.of(TRAINED, told(train(TRAINED)))),
    "sweep": (partial(recipes.sweep_recipe, TRAINED), lambda: Sweep.of(TRAINED, told(sweep(TRAINED)))),
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_script_prints_the_table_on_screen(name: str, tmp_path: Path) -> None:
    make, run = EXPERIMENTS[name]
    path = tmp_path / "experiment.py"
    path.write_text(script(make()), encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == run().table().to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_script_knows_nothing_of_this_package_and_defines_each_name_once(name: str) -> None:
    text = script(EXPERIMENTS[name][0]())
    assert not re.search(r"\bfrom engine\b|\bimport engine\b|pydantic", text)
    body = ast.parse(text).body
    defined = Counter(node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    assert set(defined.values()) == {1}
