"""The experiments on activations and initializations, each with an estimate of its time."""

from engine.activations import costs, depth, functions, maps, plane, repair, script, sequence, training
from engine.activations.sequence_spec import SequenceSpec
from engine.activations.sequence_trained import SequenceTrained
from engine.activations.spec import CostSpec, DepthSpec, FunctionSpec, PhaseSpec
from engine.activations.trained import Trained
from engine.activations.training_spec import RepairSpec, TrainSpec
from engine.experiment import Experiment

# Measured on one core of an Intel Xeon, at small, default and largest settings. Right within a factor of two.
PACE = 6e10
"""Floating-point operations per second in matrix products."""

FUNCTION, COST = 0.03, 0.02
"""Seconds to compute and to measure one function."""

LAYER, ELEMENT, WEIGHT = 1.5e-3, 2e-8, 1.2e-8
"""Seconds of Python code for a layer of one network, and to look at an output, and to draw a weight."""

PLANE, MAP = 0.6, 0.5
"""Seconds for the plane and for the correlations of theory, and for a variance map."""

HERE = "engine.activations.experiments"


def depth_seconds(spec: DepthSpec) -> float:
    networks = len(spec.schemes) * spec.draws
    layer = LAYER + ELEMENT * spec.batch * spec.width + WEIGHT * spec.width**2
    return networks * spec.depth * layer + spec.work() / PACE


FUNCTIONS = Experiment(
    name=f"{HERE}:FUNCTIONS",
    spec=FunctionSpec,
    run=functions.compare,
    seconds=lambda spec: FUNCTION * len(spec.units),
    recipe=script.functions_recipe,
)
"""Activation functions by themselves."""

COSTS = Experiment(
    name=f"{HERE}:COSTS",
    spec=CostSpec,
    run=costs.measure,
    seconds=lambda spec: COST * len(spec.units),
    recipe=script.costs_recipe,
)
"""What they cost on this machine."""

DEPTH = Experiment(
    name=f"{HERE}:DEPTH", spec=DepthSpec, run=depth.propagate, seconds=depth_seconds, recipe=script.depth_recipe
)
"""Signals and gradients through deep networks."""

MAPS = Experiment(
    name=f"{HERE}:MAPS",
    spec=DepthSpec,
    run=maps.theory,
    seconds=lambda spec: MAP * len(spec.schemes),
    recipe=script.maps_recipe,
)
"""The variance maps of deep networks."""

TRAINING = Experiment(
    name=f"{HERE}:TRAINING",
    spec=TrainSpec,
    work=training.train,
    fold=Trained.of,
    seconds=TrainSpec.seconds,
    recipe=script.training_recipe,
)
"""The training of several networks on the same batches."""

SEQUENCES = Experiment(
    name=f"{HERE}:SEQUENCES",
    spec=SequenceSpec,
    work=sequence.train_sequences,
    fold=SequenceTrained.of,
    seconds=SequenceSpec.seconds,
    recipe=script.sequences_recipe,
)
"""The training of convolutional or recurrent networks on signals."""

REPAIR = Experiment(
    name=f"{HERE}:REPAIR",
    spec=RepairSpec,
    run=repair.repair,
    seconds=lambda spec: 5e-3 * spec.steps,
    recipe=script.repair_recipe,
)
"""A network with five faults, and its repairs."""

PHASE = Experiment(
    name=f"{HERE}:PHASE",
    spec=PhaseSpec,
    run=plane.phase,
    seconds=lambda spec: PLANE + WEIGHT * spec.width**2 * spec.depth * spec.draws,
    recipe=script.phase_recipe,
)
"""Order and chaos."""
