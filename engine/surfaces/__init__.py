"""Loss surfaces and the optimizers that race down them."""

from engine.surfaces.catalogue import SURFACES
from engine.surfaces.critical import CriticalPoints, critical_points
from engine.surfaces.descent import OWN, Descent, DescentSpec, Run, descend
from engine.surfaces.formula import Formula, FormulaError, parse_formula
from engine.surfaces.outcome import Outcome, outcome_table, outcomes
from engine.surfaces.presets import PRESETS
from engine.surfaces.rates import fitted, suggested_rate
from engine.surfaces.surface import Surface
from engine.surfaces.terrain import Terrain, terrain

__all__ = [
    "OWN",
    "PRESETS",
    "SURFACES",
    "CriticalPoints",
    "Descent",
    "DescentSpec",
    "Formula",
    "FormulaError",
    "Outcome",
    "Run",
    "Surface",
    "Terrain",
    "critical_points",
    "descend",
    "fitted",
    "outcome_table",
    "outcomes",
    "parse_formula",
    "suggested_rate",
    "terrain",
]
