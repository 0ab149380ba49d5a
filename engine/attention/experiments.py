"""The experiments on attention."""

from engine.attention import script
from engine.attention.maps import heads
from engine.attention.spec import HeadsSpec
from engine.experiment import Experiment

HEADS = Experiment(
    name="engine.attention.experiments:HEADS", spec=HeadsSpec, run=heads, seconds=lambda _: 0.2,
    recipe=script.heads_recipe, files=script.heads_files,
)  # fmt: skip
"""What the heads of a model look at."""
