"""The experiments on surfaces: where their records are defined, what they compute, and how their estimates grow."""

import pytest
import torch

from engine.experiment import Experiment
from engine.surfaces import SURFACES, DescentSpec, PlaceSpec, critical_points, descend
from engine.surfaces.experiments import DESCENT, LANDMARKS, TERRAIN

torch.set_num_threads(1)

SHORT, LONG = "x^2 + y^2", "+".join(["sin(x*y)"] * 20) + "+y^2"


def test_terrain_and_landmarks_are_those_of_the_surface_that_the_settings_name() -> None:
    spec = PlaceSpec(surface="quadratic", condition=9, rotation=45)
    points = torch.tensor(TERRAIN.result(spec).table()[["x", "y"]].to_numpy())
    assert torch.equal(torch.from_numpy(TERRAIN.result(spec).z.ravel()), spec.place()(points))
    assert LANDMARKS.result(spec).eigenvalues[0] == pytest.approx((1, 9))
    himmelblau = SURFACES["himmelblau"]
    found = LANDMARKS.result(PlaceSpec(surface="himmelblau"))
    assert found.table().equals(critical_points(himmelblau, himmelblau.domain).table())


def test_a_descent_is_the_race_of_its_spec() -> None:
    spec = DescentSpec(surface="camel6", steps=12)
    assert DESCENT.result(spec).table().equals(descend(spec).table())


@pytest.mark.parametrize(
    ("kind", "spec"), [(DESCENT, DescentSpec(steps=100)), (TERRAIN, PlaceSpec()), (LANDMARKS, PlaceSpec())]
)
def test_longer_formulas_are_expected_to_take_longer(kind: Experiment[PlaceSpec, object], spec: PlaceSpec) -> None:
    short, long = (kind.seconds(spec.but(surface="own", formula=text)) for text in (SHORT, LONG))
    assert kind.seconds(spec) < long
    assert 2 * short < long


def test_more_steps_and_more_lanes_are_expected_to_take_longer() -> None:
    spec = DescentSpec(steps=200)
    assert DESCENT.seconds(spec.but(steps=400)) == pytest.approx(2 * DESCENT.seconds(spec))
    assert DESCENT.seconds(spec.but(lanes=spec.lanes[:2])) < DESCENT.seconds(spec)
