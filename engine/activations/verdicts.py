"""The experiment that tests all claims of this topic."""

from engine import experiment
from engine.activations import (
    claims,
    costs,
    depth,
    experiments,
    functions,
    sequence,
    sequence_recorded,
    sequence_trained,
)  # fmt: skip
from engine.activations.script import LEARNER, SETTINGS, choice, class_of
from engine.activations.sequence_spec import SequenceSpec
from engine.activations.spec import CostSpec, DepthSpec, FunctionSpec
from engine.activations.units import FORMULA
from engine.experiment import Experiment, Recipe, table_recipe
from engine.sources import with_needed
from engine.spec import Spec

CLAIM = """\
from typing import Generic, TypeVar

S, R = TypeVar("S"), TypeVar("R")


class Claim(Generic[S, R]):
    def __init__(self, sentence, source, experiment, spec, verdict):
        self.__dict__.update(sentence=sentence, source=source, experiment=experiment, spec=spec, verdict=verdict)


class Experiment:
    def __init__(self, run):
        self.result = run


Verdict = str
DEPTH, FUNCTIONS, COSTS = Experiment(propagate), Experiment(compare), Experiment(measure)
SEQUENCES = Experiment(
    lambda spec: SequenceTrained.of(spec, [item for item in train_sequences(spec) if isinstance(item, dict)])
)


def recorded_sequence(spec):
    return None  # this script trains anew, which takes some minutes
"""
"""What the claims need of the modules that their script does not contain."""


class ClaimsSpec(Spec):
    """The claims have no settings."""


def recipe(_: ClaimsSpec) -> Recipe:
    """The recipe of a script that tests all claims."""
    first = choice(FORMULA)
    classes = (
        class_of(FunctionSpec),
        class_of(CostSpec),
        class_of(DepthSpec, DepthSpec.activations),
        LEARNER,
        class_of(SequenceSpec),
    )
    needed = with_needed(functions, depth, costs, sequence, sequence_trained, without=(*SETTINGS, *first))
    left_out = (*SETTINGS, experiment, experiments, sequence_recorded)
    return table_recipe("decide()", *first, *classes, *needed, CLAIM, modules=(claims,), settings=left_out)


VERDICTS = Experiment(
    name="engine.activations.verdicts:VERDICTS",
    spec=ClaimsSpec,
    run=claims.decide,
    seconds=lambda _: 2.5,
    recipe=recipe,
)
"""The verdicts on all claims."""
