"""The experiment of training a small model."""

from engine.experiment import Experiment
from engine.transformer import script, training
from engine.transformer.learned import Learned
from engine.transformer.training_spec import LearnSpec

TRAINING = Experiment(
    name="engine.transformer.experiments:TRAINING",
    spec=LearnSpec,
    work=training.train,
    fold=Learned.of,
    seconds=LearnSpec.seconds,
    recipe=script.training_recipe,
)
"""The training of a small model on a task."""
