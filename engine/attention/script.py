"""The standalone scripts of this topic's experiments. Each reads a file of weights that stands beside it."""

from pathlib import Path

from engine.attention import maps, spec
from engine.attention.spec import HeadsSpec
from engine.experiment import Recipe, plain_settings, table_recipe
from engine.sources import with_needed
from engine.transformer import SHIPPED, architectures, training_spec
from engine.transformer.shipped import filled_in, path_of
from engine.transformer.tasks import home
from engine.transformer.training_spec import LearnSpec

METHODS = """\
    def task(self):
        return {task}

    def trained(self):
        data = pathlib.Path(__file__).with_name("{file}").read_bytes()
        return filled_in(LearnSpec(), data, "{file}")
"""
"""Methods of the plain ``HeadsSpec``, which follow its values."""


def heads_files(settings: HeadsSpec) -> tuple[Path, ...]:
    """The weights that the script reads."""
    return (path_of(settings.model, settings.kept()),)


def heads_recipe(settings: HeadsSpec) -> Recipe:
    """A script contains the module of its own task only."""
    task, module = home(SHIPPED[settings.model].spec.task)
    learned = plain_settings(SHIPPED[settings.model].spec, LearnSpec, LearnSpec.architecture, LearnSpec.model)
    chosen = f"    def chosen(self):\n        return {task}\n"
    own = plain_settings(settings, HeadsSpec, HeadsSpec.shown)
    (path,) = heads_files(settings)
    return table_recipe(
        "heads(HeadsSpec())",
        "import pathlib",
        *with_needed(architectures, module),
        f"{learned}\n{chosen}",
        filled_in,
        f"{own}\n{METHODS.format(task=task, file=path.name)}",
        modules=(maps,),
        settings=(spec, training_spec),
    )
