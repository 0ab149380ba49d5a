"""The experiments on residual connections, each with an estimate of its time."""

from engine.experiment import Experiment, plain_settings
from engine.residuals import blocks, example, paths, script, shattered, training
from engine.residuals.spec import TextbookSpec, TrainingSpec, path_samples, path_work
from engine.residuals.trained import Sweep, Training
from engine.signals import StackSpec, flow
from engine.transformer.spec import BATCH, BlockSpec

# The constants below were measured at small, default and largest settings on one core of an Intel Xeon. The estimates
# are right within a factor of two, with one exception: operations on numbers below 1e-38 take up to six times as long.
# Deep plain networks have such numbers.
PACE = 8e10
"""Floating-point operations per second in matrix products."""

START, LAYER, BLOCK = 4e-3, 1.6e-3, 4e-3
"""Seconds of Python code for any network, for one layer of both twins, and for one transformer block, of any size."""

WEIGHT, HISTOGRAM = 2.3e-8, 5.5e-8
"""Seconds to draw one weight, and seconds to count its gradients in the histograms of both twins."""

ELEMENT = 1e-8
"""Seconds to write and read one element of a large intermediate result."""

HERE = "engine.residuals.experiments"


def network_seconds(spec: StackSpec) -> float:
    """The time to build both twins and to call each of their layers."""
    return START + LAYER * spec.depth + WEIGHT * spec.weights()


def highway_seconds(spec: StackSpec) -> float:
    samples = path_samples(spec)
    pieces = len(spec.spans()) ** 2 * samples * spec.width  # elements of all places and path lengths
    return network_seconds(spec) + ELEMENT * pieces + path_work(spec, samples) / PACE


def block_seconds(spec: BlockSpec) -> float:
    scores = BATCH * spec.blocks * spec.heads * spec.tokens**2
    return BLOCK * spec.blocks + WEIGHT * spec.block_weights() + ELEMENT * scores + spec.block_work() / PACE


TEXTBOOK = Experiment(
    name=f"{HERE}:TEXTBOOK",
    spec=TextbookSpec,
    run=lambda _: example.textbook(),
    seconds=lambda _: 0.01,
    recipe=lambda _: script.recipe("textbook()", modules=(example,)),
)
"""The gradients of the textbook's example."""

FLOW = Experiment(
    name=f"{HERE}:FLOW",
    spec=StackSpec,
    run=flow.gradient_flow,
    seconds=lambda spec: network_seconds(spec) + HISTOGRAM * spec.weights() + spec.work() / PACE,
    recipe=lambda spec: script.stack_recipe(spec, "gradient_flow(StackSpec())", flow),
)
"""Signals and gradients layer by layer."""

HIGHWAY = Experiment(
    name=f"{HERE}:HIGHWAY",
    spec=StackSpec,
    run=paths.highway,
    seconds=highway_seconds,
    recipe=lambda spec: script.stack_recipe(spec, "highway(StackSpec())", paths, *script.PATHS),
)
"""The share of the gradient that came along the shortcuts, and the shares by number of branches."""

SHATTERING = Experiment(
    name=f"{HERE}:SHATTERING",
    spec=StackSpec,
    run=shattered.shattering,
    seconds=lambda spec: network_seconds(spec) + shattered.shattering_work(spec) / PACE,
    recipe=lambda spec: script.stack_recipe(spec, "shattering(StackSpec())", shattered),
)
"""The likeness of the gradients at neighbouring inputs."""

BLOCKS = Experiment(
    name=f"{HERE}:BLOCKS",
    spec=BlockSpec,
    run=blocks.block_flow,
    seconds=block_seconds,
    recipe=lambda spec: script.recipe("block_flow(BlockSpec())", plain_settings(spec, BlockSpec), modules=(blocks,)),
)
"""The gradient of each part of each transformer block."""

TRAINING = Experiment(
    name=f"{HERE}:TRAINING",
    spec=TrainingSpec,
    work=training.train,
    fold=Training.of,
    seconds=TrainingSpec.seconds,
    recipe=lambda spec: script.training_recipe(spec, "Training.of(TrainingSpec(), reported(train(TrainingSpec())))"),
)
"""The training of both twins on the same batches."""

SWEEP = Experiment(
    name=f"{HERE}:SWEEP",
    spec=TrainingSpec,
    work=training.sweep,
    fold=Sweep.of,
    seconds=lambda spec: spec.seconds(spec.depths()),
    recipe=lambda spec: script.training_recipe(spec, "Sweep.of(TrainingSpec(), reported(sweep(TrainingSpec())))"),
)
"""The loss and the accuracy of both twins after training, at each depth."""
