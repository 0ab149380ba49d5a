"""The experiments on loss surfaces, each with an estimate of its time."""

from engine.experiment import Experiment
from engine.surfaces import critical, relief, script
from engine.surfaces.catalogue import OWN
from engine.surfaces.reuse import Reuse
from engine.surfaces.spec import DescentSpec, PlaceSpec

# The constants below were measured on one thread of a Xeon with two cores and empty caches. All surfaces of the
# catalogue were measured, and eight formulas of up to 198 operations.


def descent_seconds(spec: DescentSpec) -> float:
    """A race's time: 12 us per tensor operation. Measured: median 9 us, at most 15 us, 3.5 us if lanes end early."""
    return place_seconds(spec) + 1.2e-5 * spec.steps * spec.step_work()


def terrain_seconds(spec: PlaceSpec) -> float:
    """The time of the heights, right within a factor of three. Measured: at most 2 ms, and 7 ms for a formula."""
    return place_seconds(spec) + 6e-4 + 4e-5 * spec.operations()


def landmarks_seconds(spec: PlaceSpec) -> float:
    """The time of the critical points. Measured: 90 ms on Rosenbrock, 1.1 s for a formula of 198 operations.

    The estimate is right within a factor of two if many Newton steps are needed. A quadratic needs only one step, and a
    tenth of this time.
    """
    return place_seconds(spec) + search_seconds(spec)


def place_seconds(spec: PlaceSpec) -> float:
    """The time to find the minima and the start of an own formula. Other surfaces need no search."""
    return 1.25 * search_seconds(spec) if spec.surface == OWN else 0.0


def search_seconds(spec: PlaceSpec) -> float:
    return 0.03 + 6e-3 * spec.operations()


DESCENT = Experiment(
    name="engine.surfaces.experiments:DESCENT",
    spec=DescentSpec,
    run=Reuse().descend,
    seconds=descent_seconds,
    recipe=script.descent_recipe,
)
"""A race of optimizers down a surface."""

TERRAIN: Experiment[PlaceSpec, relief.Terrain] = Experiment(
    name="engine.surfaces.experiments:TERRAIN",
    spec=PlaceSpec,
    run=lambda spec: relief.terrain(spec.place()),
    seconds=terrain_seconds,
    recipe=lambda spec: script.place_recipe(spec, relief, "terrain(PLACE)"),
)
"""A surface's heights on a grid."""

LANDMARKS: Experiment[PlaceSpec, critical.CriticalPoints] = Experiment(
    name="engine.surfaces.experiments:LANDMARKS",
    spec=PlaceSpec,
    run=lambda spec: critical.critical_points(spec.place(), spec.place().domain),
    seconds=landmarks_seconds,
    recipe=lambda spec: script.place_recipe(spec, critical, "critical_points(PLACE, PLACE.domain)"),
)
"""A surface's critical points in the part of the plane that is shown."""
