"""Loss surfaces and the optimizers that race down them."""

from engine.surfaces.catalogue import FAMILIES, OWN, SURFACES
from engine.surfaces.critical import CriticalPoints, critical_points
from engine.surfaces.descent import QUANTITIES, READOUT, Descent, Run, descend
from engine.surfaces.finding import finding, first
from engine.surfaces.moments import Moment, moments
from engine.surfaces.outcome import Outcome, outcome_table, outcomes
from engine.surfaces.presets import PRESETS
from engine.surfaces.rates import fitted, suggested_rate
from engine.surfaces.relief import Terrain, terrain
from engine.surfaces.remedy import remedies
from engine.surfaces.spec import DescentSpec, PlaceSpec
from engine.surfaces.surface import Surface

__all__ = [
    "FAMILIES",
    "OWN",
    "PRESETS",
    "QUANTITIES",
    "READOUT",
    "SURFACES",
    "CriticalPoints",
    "Descent",
    "DescentSpec",
    "Moment",
    "Outcome",
    "PlaceSpec",
    "Run",
    "Surface",
    "Terrain",
    "critical_points",
    "descend",
    "finding",
    "first",
    "fitted",
    "moments",
    "outcome_table",
    "outcomes",
    "remedies",
    "suggested_rate",
    "terrain",
]
