"""Tasks that small models learn in seconds, and one on real language that takes longer."""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from engine.transformer.tasks import dates, induction, letters, sounds
from engine.transformer.tasks.dates import AMBIGUOUS, DATES
from engine.transformer.tasks.induction import INDUCTION
from engine.transformer.tasks.letters import COPY, REVERSE, SORT
from engine.transformer.tasks.sounds import SOUNDS
from engine.transformer.tasks.task import Example, Task
from engine.transformer.tasks.vocabulary import Vocabulary

__all__ = ["TASKS", "Example", "Task", "Vocabulary"]

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "induction": INDUCTION,
        "copy": COPY,
        "reverse": REVERSE,
        "sort": SORT,
        "dates": DATES,
        "ambiguous": AMBIGUOUS,
        "sounds": SOUNDS,
    }
)
"""All tasks by name."""


def home(name: str) -> tuple[str, ModuleType]:
    """The name of the task's record and the module that defines it."""
    return next(
        (key, module)
        for module in (dates, induction, letters, sounds)
        for key, value in vars(module).items()
        if value is TASKS[name]
    )
