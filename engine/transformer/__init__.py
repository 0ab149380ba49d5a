"""Small models that read and write: tasks, trained models, everything that flows through them, and measures."""

from engine.transformer.measure import Measures, measure
from engine.transformer.model import Architecture, Transformer, stack
from engine.transformer.shipped import SHIPPED, load
from engine.transformer.spec import BlockSpec
from engine.transformer.tasks import TASKS
from engine.transformer.trace import Edit, Trace, trace
from engine.transformer.training import train
from engine.transformer.training_spec import LearnSpec

__all__ = [
    "SHIPPED",
    "TASKS",
    "Architecture",
    "BlockSpec",
    "Edit",
    "LearnSpec",
    "Measures",
    "Trace",
    "Transformer",
    "load",
    "measure",
    "stack",
    "trace",
    "train",
]
