"""How an exported script builds an optimizer of the catalogue."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from engine.optimizers import Lane


def construction(lane: Lane, trained: str, arguments: Mapping[str, Any]) -> str:
    """The expression that builds ``lane``'s optimizer.

    trained: the expression for the constructor's first argument. arguments: the values of its other arguments. If the
    optimizer draws random numbers, its seed is the script's variable ``seed``.
    """
    constructor = lane.constructor.rpartition(".")[2] if lane.modules() else lane.constructor
    passed = [f"{key}={expression(value)}" for key, value in arguments.items()]
    return f"{constructor}({', '.join([trained, *passed, *(['seed=seed'] if lane.draws else [])])})"


def expression(value: Any) -> str:
    """The Python expression of a constructor's argument."""
    if isinstance(value, partial):
        settings = "".join(f", {key}={expression(one)}" for key, one in value.keywords.items())
        return f"partial({expression(value.func)}{settings})"
    if isinstance(value, type):
        engine = value.__module__.startswith("engine.")
        return value.__name__ if engine else f"torch.optim.{value.__name__}"
    return repr(value)


def imports(lanes: Iterable[Lane]) -> list[str]:
    """The import statements for the lanes' optimizers from other packages than torch and this one."""
    packages = {lane.constructor.partition(".")[0] for lane in lanes} - {"engine", "torch"}
    return [f"import {name}" for name in sorted(packages)]
