"""The standalone scripts of this topic's experiments. Each prints the ``table()`` of its result."""

import inspect
from types import ModuleType
from typing import Any

from engine.activations import (
    costs,
    depth,
    functions,
    maps,
    plane,
    repair,
    sequence,
    sequence_spec,
    sequence_trained,
    spec,
    trained,
    training,
    training_spec,
    units,
)
from engine.activations import own as formulas
from engine.activations.sequence_spec import Learner, SequenceSpec
from engine.activations.spec import CostSpec, DepthSpec, FunctionSpec, PhaseSpec
from engine.activations.training_spec import DRAWN, RepairSpec, TrainSpec
from engine.activations.units import FormulaSpec, Scheme, Unit, names
from engine.experiment import Recipe, plain_settings, table_recipe
from engine.formula import functions as terms
from engine.formula import parse_formula
from engine.nn import activation_registry
from engine.sources import with_needed
from engine.spec import Spec
from engine.training.script import construction

SETTINGS = (spec, training_spec, sequence_spec, units, formulas)


INIT = """\
    def __init__(self, **settings):
        self.__dict__.update(settings)
"""


def class_of(kind: type[Spec], *methods: Any, base: str = "") -> str:
    """The settings ``kind`` as a class of plain values that can be built with others. methods: those that it keeps."""
    defaults = "".join(
        f"    {name} = {info.get_default(call_default_factory=True)!r}\n" for name, info in kind.model_fields.items()
    )
    kept = "".join("\n" + inspect.getsource(method) for method in methods)
    return f"class {kind.__name__}{base}:\n{defaults}\n{INIT}{kept}"


UNIT = class_of(Unit, Unit.function, Unit.name) + "\n\n" + class_of(Scheme, Scheme.name, base="(Unit)")
"""The choice of a function as a class of plain values."""

LEARNER = class_of(Learner, base="(Scheme)")
"""The same for a network with its learning rate."""

METHODS = """\

    def fresh_optimizer(self, parameters):
        return {optimizer}

    def drawn(self):
        other = DepthSpec()
        other.__dict__.update({{name: getattr(self, name) for name in {fields}}})
        return other
"""
"""Methods of the plain ``TrainSpec``, which follow its values."""


def functions_recipe(settings: FunctionSpec) -> Recipe:
    return _recipe(settings, FunctionSpec, "compare(FunctionSpec())", functions)


def costs_recipe(settings: CostSpec) -> Recipe:
    return _recipe(settings, CostSpec, "measure(CostSpec())", costs)


def depth_recipe(settings: DepthSpec) -> Recipe:
    return _recipe(settings, DepthSpec, "propagate(DepthSpec())", depth, DepthSpec.activations)


def maps_recipe(settings: DepthSpec) -> Recipe:
    return _recipe(settings, DepthSpec, "theory(DepthSpec())", maps, DepthSpec.activations)


def phase_recipe(settings: PhaseSpec) -> Recipe:
    return _recipe(settings, PhaseSpec, "phase(PhaseSpec())", plane)


def repair_recipe(settings: RepairSpec) -> Recipe:
    annotations = plain_settings(DepthSpec(), DepthSpec), plain_settings(TrainSpec(), TrainSpec)
    parts = (UNIT, names, *annotations, plain_settings(settings, RepairSpec, RepairSpec.repaired))
    first = with_needed(activation_registry)
    return table_recipe("repair(RepairSpec())", *first, *parts, modules=(repair,), settings=SETTINGS)


def training_recipe(settings: TrainSpec) -> Recipe:
    lane = settings.lane()
    built = construction(lane, "parameters", lane.network_arguments())
    own = plain_settings(DepthSpec(), DepthSpec, DepthSpec.activations), METHODS.format(optimizer=built, fields=DRAWN)
    result = "Trained.of(TrainSpec(), [item for item in train(TrainSpec()) if isinstance(item, dict)])"
    return _recipe(settings, TrainSpec, result, training, own=own, also=(trained,))


def sequences_recipe(settings: SequenceSpec) -> Recipe:
    events = "[item for item in train_sequences(SequenceSpec()) if isinstance(item, dict)]"
    result = f"SequenceTrained.of(SequenceSpec(), {events})"
    return _recipe(settings, SequenceSpec, result, sequence, own=(LEARNER,), also=(sequence_trained,))


def _recipe(
    settings: FormulaSpec,
    kind: type[FormulaSpec],
    result: str,
    module: ModuleType,
    *methods: Any,
    own: tuple[str, ...] = (),
    also: tuple[ModuleType, ...] = (),
) -> Recipe:
    """methods: of ``kind``, which the script needs. own: source text. also: further modules that the script needs."""
    settled = plain_settings(settings, kind, *methods)
    parts = (*choice(settings.formula), *own[:1], settled + "".join(own[1:]))
    return table_recipe(result, *parts, modules=(module, *also), settings=SETTINGS)


def choice(formula: str) -> tuple[Any, ...]:
    """The parts of a script that let it choose activations. formula: the visitor's own."""
    chosen, read = formulas.own(formula), parse_formula(formula, ("z",))
    function = (
        "def own(formula):\n"
        f'    return Activation("{chosen.label}", {chosen.code}, r"{read.formula}", "", "", ("", ""), '
        f'colour="{chosen.colour}")\n'
    )
    return (*with_needed(terms, activation_registry), UNIT, names, function)
