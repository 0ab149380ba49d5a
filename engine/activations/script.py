"""The standalone scripts of this topic's experiments. Each prints the ``table()`` of its result."""

import inspect
from types import ModuleType
from typing import Any

from engine.activations import costs, depth, functions, plane, spec, units
from engine.activations import own as formulas
from engine.activations.own import own
from engine.activations.spec import CostSpec, DepthSpec, FunctionSpec, PhaseSpec
from engine.activations.units import FormulaSpec, Scheme, Unit, names
from engine.experiment import Recipe, plain_settings, table_recipe
from engine.formula import functions as terms
from engine.formula import parse_formula
from engine.nn import activation_registry
from engine.sources import with_needed

SETTINGS = (spec, units, formulas)

UNIT = f"""\
class Unit:
    a = None

    def __init__(self, **settings):
        self.__dict__.update(settings)

{inspect.getsource(Unit.function)}
{inspect.getsource(Unit.name)}

class Scheme(Unit):
{inspect.getsource(Scheme.name)}
"""
"""The choice of a function as a class of plain values."""


def functions_recipe(settings: FunctionSpec) -> Recipe:
    return _recipe(settings, FunctionSpec, "compare(FunctionSpec())", functions)


def costs_recipe(settings: CostSpec) -> Recipe:
    return _recipe(settings, CostSpec, "measure(CostSpec())", costs)


def depth_recipe(settings: DepthSpec) -> Recipe:
    return _recipe(settings, DepthSpec, "propagate(DepthSpec())", depth, DepthSpec.activations)


def phase_recipe(settings: PhaseSpec) -> Recipe:
    return _recipe(settings, PhaseSpec, "phase(PhaseSpec())", plane)


def _recipe(settings: FormulaSpec, kind: type[FormulaSpec], result: str, module: ModuleType, *methods: Any) -> Recipe:
    chosen = own(settings.formula)
    read = parse_formula(settings.formula, ("z",))
    function = (
        "def own(formula):\n"
        f'    return Activation("{chosen.label}", {chosen.code}, r"{read.formula}", "", "", ("", ""), '
        f'colour="{chosen.colour}")\n'
    )
    parts: tuple[Any, ...] = (
        *with_needed(activation_registry),
        UNIT,
        names,
        plain_settings(settings, kind, *methods),
        function,
    )
    return table_recipe(result, *parts, modules=(terms, module), settings=SETTINGS)
