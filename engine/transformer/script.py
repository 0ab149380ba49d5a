"""The standalone script of the training of a small model. It prints the ``table()`` of its result."""

from engine.experiment import Recipe, plain_settings, table_recipe
from engine.sources import with_needed
from engine.training import loop
from engine.training.script import construction
from engine.transformer import architectures, learned, training, training_spec
from engine.transformer import tasks as all_tasks
from engine.transformer.training_spec import LearnSpec

METHODS = """\
    def chosen(self):
        return {task}

    def fresh_optimizer(self, parameters):
        return {optimizer}
"""
"""Methods of the plain ``LearnSpec``, which follow its values."""


def training_recipe(settings: LearnSpec) -> Recipe:
    """A script contains the module of its own task only."""
    lane = settings.lane()
    built = construction(lane, "parameters", lane.network_arguments())
    task, module = all_tasks.home(settings.task)
    own = plain_settings(settings, LearnSpec, LearnSpec.architecture, LearnSpec.model, LearnSpec.factor)
    return table_recipe(
        "Learned.of(LearnSpec(), [item for item in train(LearnSpec()) if isinstance(item, dict)])",
        *with_needed(architectures, loop, module),
        f"{own}\n{METHODS.format(task=task, optimizer=built)}",
        modules=(training, learned),
        settings=(training_spec,),
    )
