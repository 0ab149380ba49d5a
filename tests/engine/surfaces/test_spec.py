"""A spec names a surface of the registry and has the settings that shape it. It refuses a race that costs too much."""

import re

import pytest
import torch
from pydantic import ValidationError

from engine.fields import choices
from engine.optimizers import CATALOGUE, Lane
from engine.optimizers.adaptive import Adam
from engine.optimizers.curvature import LBFGS, Newton
from engine.surfaces import FAMILIES, OWN, SURFACES, DescentSpec, PlaceSpec


def test_every_surface_can_be_chosen_by_its_label_and_the_own_formula_last() -> None:
    labels = choices(PlaceSpec.model_fields["surface"])
    assert labels == {name: surface.label for name, surface in SURFACES.items()} | {OWN: "Your own formula"}
    assert list(labels) == [*SURFACES, OWN]


def test_an_unknown_surface_and_an_unknown_stop_rule_are_refused_with_those_there_are() -> None:
    with pytest.raises(ValidationError, match=r"the surface must be one of quadratic, booth, .*, own"):
        DescentSpec(surface="bowl")
    with pytest.raises(ValidationError, match="the stop rule must be one of never, step, gradient"):
        DescentSpec(stop="soon")


def test_settings_shape_the_surfaces_of_a_family_and_no_others() -> None:
    changes = {"condition": 7.0, "rotation": 10.0, "formula": "x^2 + 3*y^2", "span": 1.0}
    for name in [*SURFACES, OWN]:
        plain = PlaceSpec(surface=name)
        family = FAMILIES.get(name)
        for setting, value in changes.items():
            same = plain.but(**{setting: value}).place() == plain.place()
            assert same == (family is None or setting not in family.settings)


@pytest.mark.parametrize("name", [*SURFACES, OWN])
def test_the_same_settings_give_the_same_surface_object(name: str) -> None:
    place = PlaceSpec(surface=name, condition=3, formula="x^2 + y^2 - x*y").place()
    assert DescentSpec(surface=name, condition=3, formula="x^2 + y^2 - x*y", steps=9).place() is place


def test_a_quadratic_and_a_formula_are_what_the_settings_say() -> None:
    quadratic = PlaceSpec(surface="quadratic", condition=50, rotation=0).place()
    assert quadratic.f(torch.tensor(1.0), torch.tensor(2.0)) == 0.5 * (50 * 1 + 4)
    own = PlaceSpec(surface=OWN, formula="x^2 + 3*y", span=4).place()
    assert own.domain == ((-4, 4), (-4, 4)) and own.source_text == "x**2 + 3*y"


def operations(formula: str) -> int:
    return PlaceSpec(surface="own", formula=formula).operations()


def test_operations_are_the_nodes_of_the_derivative_s_graph() -> None:
    # Booth has six operations inside two squares, and a sum. The point, and its split into x and y, count too.
    assert PlaceSpec(surface="booth").operations() == 6 + 2 + 1 + 2
    assert operations("x") == 2  # unbind, which gives x, and its input, the point
    assert operations("sin(x)*y") == operations("x") + 2
    assert operations("x^64 + y") > operations("x^2 + y")


@pytest.mark.parametrize("name", SURFACES)
def test_the_first_race_and_one_of_all_optimizers_are_affordable_on_every_surface(name: str) -> None:
    DescentSpec(surface=name)
    DescentSpec(surface=name, lanes=tuple(record.plain() for record in CATALOGUE.values()), steps=250)


@pytest.mark.parametrize(
    "lanes",
    [
        tuple(Newton(lr=0.01 * (i + 1)) for i in range(20)),
        tuple(LBFGS(lr=0.01 * (i + 1), max_iter=20) for i in range(20)),
        tuple(Adam(lr=0.01 * (i + 1)) for i in range(20)),
    ],
    ids=["newton", "lbfgs", "adam"],
)
def test_what_costs_more_is_granted_fewer_steps(lanes: tuple[Lane, ...]) -> None:
    with pytest.raises(ValidationError, match="these optimizers can take at most"):
        DescentSpec(lanes=lanes, steps=2000)
    with pytest.raises(ValidationError, match=r"at most \d+ steps"):
        DescentSpec(surface="own", formula="+".join(["x^64"] * 30), lanes=lanes[:5], steps=2000)


def test_a_huge_power_costs_no_more_than_a_large_one() -> None:
    assert operations(f"x^{2**40}") == operations(f"x^{2**12}")


def test_a_race_may_have_as_many_steps_as_its_refusal_says() -> None:
    lanes = tuple(Newton(lr=0.01 * (i + 1)) for i in range(20))
    with pytest.raises(ValidationError, match="at most") as refused:
        DescentSpec(lanes=lanes, steps=2000)
    found = re.search(r"at most (\d+) steps", str(refused.value))
    assert found
    most = int(found[1])
    assert DescentSpec(lanes=lanes, steps=most).steps == most
    with pytest.raises(ValidationError, match=f"at most {most} steps"):
        DescentSpec(lanes=lanes, steps=most + 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"start": (1.1e6, 0)}, {"start": (0, 1.1e6)}, {"start": (-1.1e6, 0)}, {"start": (0, float("nan"))},
        {"lanes": ()}, {"condition": 0.9}, {"rotation": 181}, {"span": 0}, {"steps": 0}, {"epsilon": 0},
        {"surface": OWN, "formula": "x^"},
    ],
)  # fmt: skip
def test_a_race_outside_its_bounds_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DescentSpec(**settings)
