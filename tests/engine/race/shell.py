"""Run a small race as the shell command does."""

from pathlib import Path

from engine.experiment import ENDING
from engine.race.__main__ import main

SMALL = ["--images", "200", "--batch", "40", "--width", "0.02", "--epochs", "2", "--lanes", "adam,locopropm_t_3"]


def result(out: Path) -> Path:
    return out.with_name(out.name + ENDING)


def shell(out: Path, *more: str) -> int:
    return main([*SMALL, "--threads", "1", "--out", str(out), *more])
